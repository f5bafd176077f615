package tofu.tests.sim;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/// One connection of somebody without an engine.
///
/// Thread: one.
final class RudePeer {
    private static final int HELLO_REQUEST = 3;
    private static final int HELLO_RESPONSE = 4;
    private static final int HEADER = 16;

    private final SimStream stream;
    private final Choices choices;
    private final boolean reads;
    private final Deque<ByteBuffer> unsent = new ArrayDeque<>();
    private final ByteBuffer trash = ByteBuffer.allocate(4_096);
    private long nextId = Ledger.FOREIGN;

    RudePeer(SimStream stream, boolean client, Choices choices) {
        this.stream = stream;
        this.choices = choices;
        this.reads = !choices.oneIn(3);
        if (!choices.oneIn(4)) {
            unsent.add(frame(client ? HELLO_REQUEST : HELLO_RESPONSE, 0));
        }
    }

    boolean isGone() {
        return stream.isClosed();
    }

    void leave() {
        stream.close();
    }

    void act() {
        try {
            if (stream.isClosed() || !stream.finishConnect()) {
                return;
            }
            if (reads && stream.read(trash.clear()) < 0) {
                stream.close();
                return;
            }
            speak();
        } catch (IOException e) {
            stream.close();
        }
    }

    private void speak() throws IOException {
        switch (choices.below(40)) {
            case 39 -> stream.reset();
            case 38 -> stream.close();
            case 37 -> stream.shutdownOutput();
            case 36 -> unsent.add(garbage());
            case 35 -> unsent.add(half());
            case 34 -> unsent.add(frame(choices.below(256), choices.below(64)));
            case 33 -> unsent.add(frame(5 + choices.below(2), choices.below(64)));
            default -> {
                if (choices.oneIn(3)) {
                    unsent.add(frame(choices.below(3), choices.below(200)));
                }
            }
        }
        ByteBuffer next = unsent.peek();
        if (next != null && !stream.isClosed() && !stream.out().hasEnded()) {
            stream.write(next);
            if (!next.hasRemaining()) {
                unsent.remove();
            }
        }
    }

    private ByteBuffer frame(int proto, int length) {
        ByteBuffer frame = ByteBuffer.allocate(HEADER + length);
        frame.putShort((short) choices.below(1 << 16));
        frame.put((byte) proto).put((byte) (choices.oneIn(10) ? choices.below(256) : 0));
        frame.putLong(choices.oneIn(30) ? 0 : nextId++);
        return frame.putShort((short) 0).putShort((short) length).clear();
    }

    /// A frame that claims more than will ever come.
    private ByteBuffer half() {
        ByteBuffer frame = frame(0, choices.below(300));
        return frame.putShort(12, (short) choices.below(1 << 16));
    }

    private ByteBuffer garbage() {
        ByteBuffer bytes = ByteBuffer.allocate(1 + choices.below(100));
        while (bytes.hasRemaining()) {
            bytes.put((byte) choices.below(256));
        }
        // As an id it must not be one of ours.
        if (bytes.capacity() > 4) {
            bytes.put(4, (byte) 0x7F);
        }
        return bytes.clear();
    }
}
