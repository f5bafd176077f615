package tofu.tests.sim;

import java.nio.ByteBuffer;

/// One direction of a connection: bytes that were written, how many of them have arrived, and the
/// end of the stream behind them. Bytes are neither lost nor reordered while the connection lives.
///
/// Thread: one.
///
/// Invariant: `0 <= arrived <= size <= capacity`
final class Pipe {
    private final int capacity;
    private byte[] bytes = new byte[512];
    private int first;
    private int size;
    private int arrived;
    private boolean ended;
    private boolean endArrived;

    /// Makes a pipe that holds so many bytes on their way.
    Pipe(int capacity) {
        this.capacity = capacity;
    }

    int capacity() {
        return capacity;
    }

    int room() {
        return capacity - size;
    }

    int arrived() {
        return arrived;
    }

    /// Bytes and ends that have not arrived.
    boolean hasMoreToCome() {
        return arrived < size || ended != endArrived;
    }

    boolean isAtEnd() {
        return arrived == 0 && endArrived;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /// Takes some of a buffer's bytes.
    ///
    /// @return how many
    int write(ByteBuffer source, int most) {
        int count = Math.min(Math.min(source.remaining(), most), room());
        if (first + size + count > bytes.length) {
            byte[] roomier =
                    size + count > bytes.length
                            ? new byte[Math.max(size + count, bytes.length * 2)]
                            : bytes;
            System.arraycopy(bytes, first, roomier, 0, size);
            bytes = roomier;
            first = 0;
        }
        source.get(bytes, first + size, count);
        size += count;
        return count;
    }

    /// Gives some of the bytes that have arrived.
    ///
    /// @return how many
    int read(ByteBuffer target, int most) {
        int count = Math.min(Math.min(target.remaining(), most), arrived);
        target.put(bytes, first, count);
        first += count;
        size -= count;
        arrived -= count;
        return count;
    }

    /// Nothing more is written.
    void end() {
        ended = true;
    }

    boolean hasEnded() {
        return ended;
    }

    /// Lets bytes arrive, and the end of the stream once all have.
    void arrive(int most) {
        arrived = (int) Math.min(size, (long) arrived + most);
        endArrived |= ended && arrived == size;
    }

    int underWay() {
        return size - arrived;
    }

    /// Loses what has not arrived, and what has, too, if said so.
    void cut(boolean arrivedToo) {
        size = arrivedToo ? 0 : arrived;
        arrived = size;
    }

    @Override
    public String toString() {
        return arrived + " of " + size + " bytes" + (ended ? ", ended" : "");
    }
}
