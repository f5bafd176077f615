package tofu.tests.limits;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tofu.tests.rigs.Books;

/// One connection as the applications of both its ends see it, with books of all that was sent.
///
/// Threads: any; see the fields.
final class Line {
    /// The id of its HelloRequest.
    final long id;

    final End client = new End();
    final End server = new End();

    /// The client's application has got the ByeResponse: nothing may be lost.
    volatile boolean bidden;

    /// Some message went to a later channel of the same number, by a sender who came too late.
    volatile boolean blurred;

    Line(long id) {
        this.id = id;
    }

    /// What one sender sent from one end.
    static final class Track {
        /// Accepted by the sender, taken back by its group's receiver.
        final Books books;

        /// Counted by the other end's receiver.
        private long arrived;

        Track(String kind) {
            books = new Books(kind);
        }

        void arrive(long number) {
            if (number != arrived + 1) {
                throw new AssertionError("came: " + number + ", after " + arrived);
            }
            arrived = number;
        }

        long arrived() {
            return arrived;
        }
    }

    /// One end.
    final class End {
        /// Whose it is; a server's is known once it has the hello.
        volatile @Nullable Party party;

        volatile int channel;

        /// Greeted, and not ended.
        volatile boolean open;

        volatile boolean ended;

        /// How often the engine said that there is room again.
        final AtomicInteger ready = new AtomicInteger();

        private final Map<Integer, Track> tracks = new ConcurrentHashMap<>();

        Line line() {
            return Line.this;
        }

        End other() {
            return this == client ? server : client;
        }

        Track track(int sender) {
            return tracks.computeIfAbsent(
                    sender, s -> new Track("line " + id + (this == client ? " up" : " down")));
        }

        void end() {
            open = false;
            ended = true;
        }

        /// Everything is over: each message must have ended once.
        private void check() {
            boolean heard = party != null && !party.closesEarly();
            boolean otherHeard = other().party != null && !other().party.closesEarly();
            for (Track track : tracks.values()) {
                Books books = track.books;
                if (!heard) {
                    // What came back to a group that is closed, nobody knows.
                    assertThat(track.arrived).isLessThanOrEqualTo(books.accepted());
                } else if (!blurred) {
                    books.close(track.arrived);
                }
                if (bidden && heard && otherHeard && !blurred) {
                    assertThat(track.arrived + books.returned())
                            .as("line %d ended by byes: came, or came back", id)
                            .isEqualTo(books.accepted());
                }
            }
        }

        @Override
        public String toString() {
            return "line %d, channel %d of %s".formatted(id, channel, party);
        }
    }

    void check() {
        client.check();
        server.check();
    }
}
