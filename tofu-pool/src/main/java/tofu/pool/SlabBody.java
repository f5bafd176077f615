package tofu.pool;

import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import tofu.api.AmpeException;
import tofu.api.Body;
import tofu.api.Status;

/// The body of a leased frame; ends with the lease, since it reaches the memory only through it.
///
/// Thread: the lease's.
final class SlabBody implements Body {
    private final SlabMessage lease;

    SlabBody(SlabMessage lease) {
        this.lease = lease;
    }

    @Override
    public Body append(byte[] bytes) {
        return append(bytes, 0, bytes.length);
    }

    @Override
    public Body append(byte[] bytes, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        int end = makeRoom(length);
        lease.slot().put(end, bytes, offset, length);
        return lengthened(length);
    }

    @Override
    public Body append(ByteBuffer buffer) {
        append(MemorySegment.ofBuffer(buffer));
        buffer.position(buffer.limit());
        return this;
    }

    @Override
    public Body append(MemorySegment segment) {
        long length = segment.byteSize();
        int end = makeRoom(length);
        lease.slot().put(end, segment, (int) length);
        return lengthened((int) length);
    }

    @Override
    public Body append(CharSequence text) {
        String whole = text.toString();
        int half = TextHeaderCodec.halfPair(whole);
        if (half >= 0) {
            throw new AmpeException(
                    Status.INVALID_MESSAGE, "the text has half a surrogate pair at index " + half);
        }
        return append(whole.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public int length() {
        return lease.slot().bodyLength();
    }

    @Override
    public MemorySegment segment() {
        Slot frame = lease.slot();
        return frame.segment(start(frame), frame.bodyLength());
    }

    @Override
    public int copyTo(ByteBuffer target) {
        Slot frame = lease.slot();
        int length = frame.bodyLength();
        if (target.remaining() < length) {
            throw new BufferOverflowException();
        }
        frame.get(start(frame), MemorySegment.ofBuffer(target), length);
        target.position(target.position() + length);
        return length;
    }

    @Override
    public int copyTo(MemorySegment target) {
        Slot frame = lease.slot();
        int length = frame.bodyLength();
        frame.get(start(frame), target, length);
        return length;
    }

    @Override
    public byte[] toByteArray() {
        byte[] bytes = new byte[length()];
        copyOut(0, bytes, 0, bytes.length);
        return bytes;
    }

    @Override
    public String text() {
        return new String(toByteArray(), StandardCharsets.UTF_8);
    }

    @Override
    public InputStream inputStream() {
        return new BodyInput(this);
    }

    @Override
    public OutputStream outputStream() {
        return new BodyOutput(this);
    }

    @Override
    public Body clear() {
        lease.slot().bodyLength(0);
        return this;
    }

    private void copyOut(int from, byte[] target, int offset, int length) {
        Slot frame = lease.slot();
        frame.get(start(frame) + from, target, offset, length);
    }

    private static int start(Slot frame) {
        return HeaderLayout.LENGTH + frame.headersLength();
    }

    /// Sees to it that so many bytes can be appended.
    ///
    /// @return where
    private int makeRoom(long length) {
        long second = lease.slot().second();
        int present = HeaderLayout.bodyLength(second);
        if (length > MAX_LENGTH - present) {
            throw new AmpeException(
                    Status.INVALID_BODY_LEN,
                    present + " + " + length + " bytes exceed " + MAX_LENGTH);
        }
        int end = HeaderLayout.frameLength(second);
        lease.makeRoom(end + (int) length);
        return end;
    }

    private Body lengthened(int length) {
        Slot frame = lease.slot();
        frame.bodyLength(frame.bodyLength() + length);
        return this;
    }

    /// Reads the body; what is appended meanwhile is read too.
    private static final class BodyInput extends InputStream {
        private final SlabBody body;
        private int position;

        BodyInput(SlabBody body) {
            this.body = body;
        }

        @Override
        public int read() {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            Objects.checkFromIndexSize(offset, length, target.length);
            int count = Math.min(length, available());
            if (count == 0) {
                return length == 0 ? 0 : -1;
            }
            body.copyOut(position, target, offset, count);
            position += count;
            return count;
        }

        @Override
        public long skip(long count) {
            int skipped = Math.clamp(count, 0, available());
            position += skipped;
            return skipped;
        }

        @Override
        public int available() {
            return Math.max(body.length() - position, 0);
        }
    }

    /// Appends to the body.
    private static final class BodyOutput extends OutputStream {
        private final SlabBody body;

        BodyOutput(SlabBody body) {
            this.body = body;
        }

        @Override
        public void write(int value) {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] source, int offset, int length) {
            body.append(source, offset, length);
        }
    }
}
