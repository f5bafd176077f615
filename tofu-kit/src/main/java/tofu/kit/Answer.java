package tofu.kit;

import java.util.ArrayList;
import java.util.List;
import tofu.api.Message;
import tofu.api.Status;

/// What an asker makes of the parts of an answer.
///
/// Threads: parts are brought by the loop; any may drop.
/// Owns: if it [says so][#ownsParts()], each part that it was given, until the whole is handed
/// over.
///
/// @param <T> the whole
sealed interface Answer<T> {
    /// Whether parts are its own as soon as it is given them; else whoever brings them closes them.
    default boolean ownsParts() {
        return true;
    }

    /// Takes a part that others follow.
    void part(Message part) throws Exception;

    /// Takes the last part.
    ///
    /// @return the whole
    T last(Message part) throws Exception;

    /// Nobody wants the answer any more: lets go of what has come, and of what may still come.
    void drop();

    /// Nobody has taken the whole.
    void drop(T whole);

    private static RequestException tooMany(int most) {
        return tooMuch(most + (most == 1 ? " part" : " parts"));
    }

    private static RequestException tooMuch(String bound) {
        return new RequestException(
                RequestException.Reason.TOO_MANY_PARTS,
                Status.SUCCESS,
                "the answer has more than " + bound);
    }

    /// An answer of one message.
    record Single() implements Answer<Message> {
        @Override
        public void part(Message part) {
            part.close();
            throw tooMany(1);
        }

        @Override
        public Message last(Message part) {
            return part;
        }

        @Override
        public void drop() {}

        @Override
        public void drop(Message whole) {
            whole.close();
        }
    }

    /// All parts in a list, so many at most, and so many bytes of them.
    final class Collected implements Answer<List<Message>> {
        private final int most;
        private final long mostBytes;
        private final List<Message> parts = new ArrayList<>();
        private long bytes;
        private boolean dropped;

        Collected(int most, long mostBytes) {
            this.most = most;
            this.mostBytes = mostBytes;
        }

        @Override
        public synchronized void part(Message part) {
            boolean taken = false;
            try {
                if (dropped || parts.size() >= most) {
                    throw tooMany(most);
                }
                long length = Bounds.bytes(part);
                if (length > mostBytes - bytes) {
                    throw tooMuch(mostBytes + " bytes");
                }
                taken = parts.add(part);
                bytes += length;
            } finally {
                if (!taken) {
                    part.close(); // too much, or no memory for the list
                }
            }
        }

        @Override
        public synchronized List<Message> last(Message part) {
            part(part);
            List<Message> whole = List.copyOf(parts);
            parts.clear();
            return whole;
        }

        @Override
        public synchronized void drop() {
            dropped = true;
            parts.forEach(Message::close);
            parts.clear();
        }

        @Override
        public void drop(List<Message> whole) {
            whole.forEach(Message::close);
        }
    }

    /// Each part to a handler, as it comes; the whole is how many there were.
    final class Streamed implements Answer<Long> {
        private final Handler sink;

        /// Loop only.
        private long count;

        Streamed(Handler sink) {
            this.sink = sink;
        }

        /// A sink may keep a part, as any handler may: then nobody else closes it.
        @Override
        public boolean ownsParts() {
            return false;
        }

        @Override
        public void part(Message part) throws Exception {
            sink.onMessage(part);
            count++;
        }

        @Override
        public Long last(Message part) throws Exception {
            part(part);
            return count;
        }

        @Override
        public void drop() {}

        @Override
        public void drop(Long whole) {}
    }
}
