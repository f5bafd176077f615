package tofu.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tofu.api.AmpeException;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;
import tofu.api.Status;

/// Channels from a rig's dispatcher to its far side, always as many: where one has ended, there is
/// a new one. The test can wait until the dispatcher has seen what the far side has sent.
///
/// It does that by marks, which filters and handlers that are added later do not see.
///
/// Threads: the test's.
final class Channels {
    private static final String MARK = "mark";

    private final Rig rig;
    private final int[] near;
    private final Set<Integer> ended = new HashSet<>();
    private final Filter filter = this::take;
    private int marks;

    Channels(Rig rig, int count) throws InterruptedException {
        this.rig = rig;
        near = new int[count];
        rig.dispatcher.filter(filter);
        for (int place = 0; place < count; place++) {
            connect(place);
        }
    }

    private void connect(int place) throws InterruptedException {
        near[place] = rig.connect();
        ended.remove(near[place]);
    }

    private boolean take(Message message) {
        if (message.endsChannel()) {
            ended.add(message.channel());
            return false;
        }
        boolean mark =
                message.origin() == Origin.APPLICATION && message.headers().first(MARK) != null;
        marks += mark ? 1 : 0;
        return mark;
    }

    /// The dispatcher's number.
    int near(int place) {
        return near[place];
    }

    /// The far side's number.
    int far(int place) {
        return rig.farNumber(near[place]);
    }

    /// Waits until the dispatcher has seen all that the far side has sent on a channel, or the end
    /// of the channel.
    void settle(int place) throws InterruptedException {
        int before = marks;
        try (Message mark = rig.message()) {
            mark.opCode(OpCode.SIGNAL).channel(far(place)).headers().append(MARK, "x");
            rig.far.enqueueToPeer(mark);
        } catch (AmpeException e) { // it has been cut
            assertThat(e.status()).isIn(Status.CHANNEL_CLOSED, Status.INVALID_CHANNEL_NUMBER);
        }
        rig.until("mark, or end", () -> marks > before || ended.contains(near[place]));
    }

    /// The far side ends a channel.
    void end(int place) throws InterruptedException {
        rig.farSend(OpCode.BYE_SIGNAL, far(place), 1, "");
        replace(List.of(place));
    }

    /// Waits for the ends of channels, and connects others in their places. What the far side was
    /// not asked for is forgotten, since the next ones may have the same numbers there.
    void replace(Collection<Integer> places) throws InterruptedException {
        for (int place : places) {
            rig.until("end", () -> ended.contains(near[place]));
            rig.farEnd(far(place));
        }
        rig.farRest();
        for (int place : places) {
            connect(place);
        }
    }

    /// Ends all, and leaves nothing on the far side: the next try may get the same numbers.
    void close() throws InterruptedException {
        for (int channel : near) {
            rig.dispatcher.cut(channel);
            rig.farEnd(rig.farNumber(channel));
        }
        rig.farRest();
        rig.dispatcher.unfilter(filter);
    }
}
