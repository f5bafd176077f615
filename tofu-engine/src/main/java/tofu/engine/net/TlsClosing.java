package tofu.engine.net;

import java.io.IOException;

/// A stream of TLS that is closed, and *lingers*: it sends what it has still to send, and awaits
/// the end of a peer that could be told of ours. What comes before that, tickets, say, would make a
/// closed socket reset the connection, and forget what it has not sent yet.
///
/// Thread: the loop.
/// Owns: the stream below, and its parts.
final class TlsClosing {
    /// How much is read of a peer that is not listened to any more; who sends more than tickets has
    /// been told of the end, and must do without it.
    private static final int MOST_UNREAD_BYTES = 64 << 10;

    private final NetStream below;
    private final TlsBuffers buffers;
    private final TlsParts parts;
    private final boolean failed;
    private final long endNanos;

    /// How much was read.
    private int unreadBytes;

    private boolean over;
    private Runnable onOver = () -> {};

    /// One that has done nothing yet.
    ///
    /// @param failed nobody needs to know whether the rest is sent
    /// @param endNanos when it is to be given up
    TlsClosing(NetStream below, TlsBuffers buffers, TlsParts parts, boolean failed, long endNanos) {
        this.below = below;
        this.buffers = buffers;
        this.parts = parts;
        this.failed = failed;
        this.endNanos = endNanos;
    }

    /// When it is to be given up, by the net's clock.
    long endNanos() {
        return endNanos;
    }

    /// Says what is to happen when it is over, at once if it is.
    void whenOver(Runnable then) {
        if (over) {
            then.run();
        } else {
            onOver = then;
        }
    }

    /// Goes on as far as it goes now.
    ///
    /// @return whether it is over
    boolean proceed() {
        TlsOutput output = parts.output();
        try {
            if (failed) {
                output.sendQuietly();
            } else {
                output.send();
            }
        } catch (IOException e) {
            output.release(); // the peer has gone
        }
        boolean awaited = !failed && output.isEnding() && output.failure() == null;
        if (output.isWaiting() || (!isPeersEnd() && awaited)) {
            below.interest(output.isWaiting() ? Net.WRITE : Net.READ);
            return false;
        }
        below.close();
        finish();
        return true;
    }

    /// Reads what nobody will read.
    private boolean isPeersEnd() {
        try {
            int count;
            do {
                count = below.read(buffers.input());
                unreadBytes += count;
            } while (count > 0 && unreadBytes < MOST_UNREAD_BYTES);
            return count != 0;
        } catch (IOException e) {
            return true;
        }
    }

    /// It has lingered for long enough; but who was asleep looks first at what has come meanwhile.
    void end() {
        if (proceed()) {
            return;
        }
        if (parts.output().isWaiting()) {
            below.reset();
        } else {
            below.close();
        }
        finish();
    }

    private void finish() {
        parts.release();
        over = true;
        onOver.run();
    }
}
