package tofu.kit;

import org.jspecify.annotations.Nullable;

/// How much there may be of something at a time, in messages and in bytes, whichever comes first,
/// and how much there is. What a message counts for is said by [Bounds#bytes(Message)].
///
/// Threads: any.
final class Room {
    private final int most;
    private final long mostBytes;
    private final String what;

    // Guarded by this.
    private int count;
    private long bytes;

    /// Makes room.
    ///
    /// @param mostBytes enough for the longest message, so that whoever waits for room waits in
    ///     time
    /// @param what of it there may be so many, for who reads a refusal
    Room(int most, long mostBytes, String what) {
        this.most = most;
        this.mostBytes = mostBytes;
        this.what = what;
    }

    /// Takes room for one more, if there is some.
    ///
    /// @param length its bytes
    /// @return `null` if it was taken; else as [#lack(long)]
    synchronized @Nullable String take(long length) {
        String lack = lack(length);
        if (lack == null) {
            add(length);
        }
        return lack;
    }

    /// Counts one more, whether or not there is room.
    synchronized void add(long length) {
        count++;
        bytes += length;
    }

    /// There is one less.
    synchronized void giveBack(long length) {
        count--;
        bytes -= length;
    }

    /// Whether there is room for one more.
    synchronized boolean has(long length) {
        return count < most && length <= mostBytes - bytes;
    }

    /// Says which bound leaves no room for one more.
    ///
    /// @return the bound in words, with its number; `null` if there is room
    synchronized @Nullable String lack(long length) {
        if (has(length)) {
            return null;
        }
        return "no more than " + (count < most ? mostBytes + " bytes of " : most + " ") + what;
    }

    synchronized int count() {
        return count;
    }

    synchronized long bytes() {
        return bytes;
    }
}
