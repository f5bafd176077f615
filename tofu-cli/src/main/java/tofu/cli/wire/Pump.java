package tofu.cli.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// One direction of a connection: reads from the one side, looks at the frames, and passes the
/// bytes on to the other side as they come, by the rules.
///
/// Bytes are passed on once the 16 bytes of their frame's header are there, since these decide what
/// is done to the frame. What is on its way, as in a delay, is bounded; a side that does not read
/// slows the other one down.
///
/// Threads: one reads, one writes.
final class Pump {
    private static final int READ_BYTES = 64 * 1024;

    /// How much may be on its way, in bytes.
    private static final int MAX_ON_ITS_WAY = 4 << 20;

    /// How many parts of a second a throttled direction is written in.
    private static final int THROTTLE_STEPS = 20;

    /// Some bytes on their way; or the end, behind all of them.
    ///
    /// @param bytes none with the end
    /// @param dueNanos when to write them
    /// @param bytesPerSecond how fast
    /// @param end how the direction ends
    private record Piece(ByteBuffer bytes, long dueNanos, long bytesPerSecond, @Nullable End end) {}

    private final Wire wire;
    private final Side sender;
    private final RawSocket in;
    private final RawSocket out;
    private final BlockingQueue<Piece> onItsWay = new LinkedBlockingQueue<>();
    private final Semaphore room = new Semaphore(MAX_ON_ITS_WAY);

    // The reader's.
    private final Frame frame = new Frame();
    private long frames;
    private long bytes;
    private int passed;
    private Fault.Verdict verdict = Fault.Verdict.NONE;
    private long lastDueNanos = Long.MIN_VALUE;

    Pump(Wire wire, Side sender, RawSocket in, RawSocket out) {
        this.wire = wire;
        this.sender = sender;
        this.in = in;
        this.out = out;
    }

    /// Reads to the end.
    void read() {
        try {
            end(readAll());
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts this thread", e);
        }
    }

    private End readAll() throws InterruptedException {
        ByteBuffer buffer = ByteBuffer.allocate(READ_BYTES);
        try {
            while (in.read(buffer) >= 0) {
                buffer.flip();
                bytes += buffer.remaining();
                while (buffer.hasRemaining()) {
                    if (!take(buffer)) {
                        return End.CUT;
                    }
                }
                buffer.clear();
            }
            return End.FIN;
        } catch (IOException e) {
            return End.RESET;
        }
    }

    /// Takes bytes of one frame.
    ///
    /// @return false if the connection is to be cut now
    private boolean take(ByteBuffer buffer) throws InterruptedException {
        boolean hadHeader = frame.hasHeader();
        frame.fill(buffer);
        if (!frame.hasHeader()) {
            return true;
        }
        if (!hadHeader) {
            frames++;
            verdict = wire.judge(sender, frames, frame.opCode());
        }
        if (verdict.cutAfter() >= 0 && frame.filled() >= verdict.cutAfter()) {
            frame.shortenTo((int) verdict.cutAfter());
            pass();
            return false;
        }
        if (frame.isWhole()) {
            // Before it is passed on: what follows from it comes later in the log, too.
            wire.log().frame(wire, sender, frame, verdict.isDropped());
        }
        pass();
        if (frame.isWhole()) {
            frame.clear();
            passed = 0;
        }
        return true;
    }

    /// Passes on what has come of the frame and was not passed on yet.
    private void pass() throws InterruptedException {
        if (verdict.isDropped() || passed >= frame.filled()) {
            return;
        }
        ByteBuffer piece = ByteBuffer.wrap(frame.copy(passed));
        passed = frame.filled();
        room.acquire(piece.remaining());
        onItsWay.add(new Piece(piece, due(verdict.delayNanos()), verdict.bytesPerSecond(), null));
    }

    /// Later by a delay, but never before what came earlier.
    private long due(long delayNanos) {
        lastDueNanos = Math.max(lastDueNanos, wire.nanos() + delayNanos);
        return lastDueNanos;
    }

    private void end(End end) throws InterruptedException {
        if (end != End.CUT && !frame.hasHeader()) {
            verdict = Fault.Verdict.NONE;
            pass(); // less than a header, so that it was not passed on yet
        }
        wire.ended(sender, end, frame, frames, bytes);
        onItsWay.add(new Piece(ByteBuffer.allocate(0), due(0), Long.MAX_VALUE, end));
    }

    /// Writes to the end.
    void write() {
        try {
            Piece piece = onItsWay.take();
            while (piece.end() == null) {
                waitUntil(piece.dueNanos());
                int length = piece.bytes().remaining();
                write(piece.bytes(), piece.bytesPerSecond());
                room.release(length);
                piece = onItsWay.take();
            }
            waitUntil(piece.dueNanos());
            if (piece.end() == End.FIN) {
                out.finish();
            } else {
                wire.breakOff();
            }
        } catch (IOException e) {
            wire.undelivered(sender);
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts this thread", e);
        } finally {
            room.release(MAX_ON_ITS_WAY); // a reader that waits may go on, to its end
            wire.written();
        }
    }

    private void waitUntil(long nanos) {
        for (long rest = nanos - wire.nanos(); rest > 0; rest = nanos - wire.nanos()) {
            LockSupport.parkNanos(this, rest);
        }
    }

    private void write(ByteBuffer piece, long bytesPerSecond) throws IOException {
        if (bytesPerSecond == Long.MAX_VALUE) {
            out.write(piece);
            return;
        }
        int step = Math.clamp(bytesPerSecond / THROTTLE_STEPS, 1, READ_BYTES);
        int end = piece.limit();
        while (piece.position() < end) {
            long startNanos = wire.nanos();
            piece.limit(Math.min(end, piece.position() + step));
            int length = piece.remaining();
            out.write(piece);
            waitUntil(startNanos + length * 1_000_000_000L / bytesPerSecond);
        }
    }
}
