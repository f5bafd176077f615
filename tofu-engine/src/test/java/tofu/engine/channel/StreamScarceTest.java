package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tofu.engine.channel.SendQueue.Outcome;
import tofu.pool.LogChunk;
import tofu.pool.Slot;

/// What a stream does whose application is refused, most often for want of memory to send with.
class StreamScarceTest {
    private static final int MEBIBYTE = 1 << 20;
    private static final long LOOK_NANOS = 50_000_000;
    private static final Frame LONG = Frame.request(2).withBody(60_000);

    /// Takes slots, as applications do, until half of the memory for messages is in use.
    private static List<Slot> takeHalf(Memory scarce) {
        List<Slot> slots = new ArrayList<>();
        do {
            slots.add(scarce.slot(LONG, Slot.Owner.LEASE));
        } while (!slots.getLast().isScarce());
        return slots;
    }

    /// Leaves half of the memory for what is to be sent, in pieces of 4 KiB.
    private static List<LogChunk> breakUp(Memory scarce) {
        List<LogChunk> pieces = new ArrayList<>();
        for (@Nullable LogChunk c = piece(scarce); c != null; c = piece(scarce)) {
            pieces.add(c);
        }
        List<LogChunk> kept = new ArrayList<>();
        for (int i = 0; i < pieces.size(); i++) {
            if (i % 2 == 0) {
                kept.add(pieces.get(i));
            } else {
                pieces.get(i).release();
            }
        }
        assertThat(scarce.logs.bytesFree()).isGreaterThan(256 << 10);
        assertThat(LogChunk.take(scarce.logs, LONG.length())).as("a place for it").isNull();
        return kept;
    }

    private static @Nullable LogChunk piece(Memory scarce) {
        return LogChunk.take(scarce.logs, 4_096);
    }

    @Test
    void whoIsRefusedForWantOfMemoryIsToldNoMoreOftenThanTheLoopLooks() {
        try (Memory scarce = Memory.ofScarce(MEBIBYTE, MEBIBYTE);
                StreamRig rig = StreamRig.client(StreamRig.LIMITS, scarce).leavesMemory()) {
            List<LogChunk> pieces = breakUp(scarce);
            List<Slot> held = takeHalf(scarce);

            for (int round = 0; round < 3; round++) {
                assertThat(rig.offer(LONG)).isEqualTo(Outcome.FULL);
                rig.turn();
                assertThat(rig.outlet.takeAll()).as("at once").isEmpty();
                assertThat(rig.timeLeft()).isEqualTo(LOOK_NANOS);
                rig.pass(LOOK_NANOS - 1);
                rig.stream.onPost(rig.now); // for something else, such as a window
                assertThat(rig.outlet.takeAll()).as("before the loop looks").isEmpty();

                rig.pass(1);

                assertThat(rig.outlet.takeAll()).containsExactly("notice SEND_QUEUE_READY 1");
            }
            pieces.forEach(LogChunk::release);
            assertThat(rig.offer(LONG)).isEqualTo(Outcome.ACCEPTED);
            rig.turn();
            assertThat(rig.write()).containsExactly(LONG);
            held.forEach(slot -> slot.release(Slot.Owner.LEASE));
        }
    }

    @Test
    void aQueueIsFullUntilTheSocketHasTakenEnough() {
        try (StreamRig rig = StreamRig.client()) {
            for (int i = 0; i < StreamRig.LIMITS.sendQueueMessages(); i++) {
                rig.post(Frame.request(2));
            }
            assertThat(rig.offer(Frame.request(3))).isEqualTo(Outcome.FULL);
            rig.stream.sendQueue().onRefused(rig.now);
            assertThat(rig.outlet.full).isOne();
            rig.write(Frame.request(2).length());
            assertThat(rig.outlet.fullNoMore).isZero();

            rig.write();

            assertThat(rig.outlet.fullNoMore).isOne();
        }
    }

    @Test
    void aShortMessageThatFindsAPlaceMakesRoomAsSoonAsItIsSent() {
        try (Memory scarce = Memory.ofScarce(MEBIBYTE, 0);
                StreamRig rig = StreamRig.client(StreamRig.LIMITS, scarce).leavesMemory()) {
            List<Slot> held = takeHalf(scarce);
            assertThat(rig.offer(LONG)).isEqualTo(Outcome.FULL);
            rig.turn();
            assertThat(rig.outlet.takeAll()).isEmpty();

            rig.post(Frame.request(3));

            assertThat(rig.write()).containsExactly(Frame.request(3));
            assertThat(rig.outlet.takeAll()).containsExactly("notice SEND_QUEUE_READY 1");
            held.forEach(slot -> slot.release(Slot.Owner.LEASE));
        }
    }
}
