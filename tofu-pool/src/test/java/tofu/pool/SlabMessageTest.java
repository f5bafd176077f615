package tofu.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.AmpeException;
import tofu.api.BinaryHeader;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;
import tofu.api.Status;

class SlabMessageTest {
    private final SlotPool pool = Pools.ample();
    private final SlabMessage message = Pools.lease(pool);

    @AfterEach
    void everythingComesHome() {
        message.close();
        assertThat(pool.messagesOut()).isZero();
        assertThat(pool.census()).containsOnlyKeys(Slot.Owner.FREE);
        pool.close();
        assertThat(pool.bytesAllocated()).isZero();
    }

    @Test
    void aNewMessageIsAnEmptyRequest() {
        assertThat(message.header())
                .isEqualTo(
                        new BinaryHeader(
                                0,
                                OpCode.REQUEST,
                                Origin.APPLICATION,
                                false,
                                false,
                                Status.SUCCESS,
                                0,
                                0,
                                0));
        assertThat(message.isEmptied()).isFalse();
        assertThat(Message.isPresent(message)).isTrue();
    }

    @Test
    void aMessageIsAsNewWhateverItsSlotHeldBefore() {
        SlabMessage before = Pools.lease(pool);
        Slot slot = before.slot();
        before.opCode(OpCode.BYE_SIGNAL).channel(9).id(-1).more(true).outOfBand(true);
        before.headers().append("a", "1");
        before.body().append("x");
        before.close();

        try (SlabMessage next = Pools.lease(pool)) {
            assertThat(next.slot()).as("the slot that came back last").isSameAs(slot);
            assertThat(next.header()).isEqualTo(message.header());
            assertThat(next.body().length()).isZero();
            assertThat(next.headers().length()).isZero();
        }
    }

    @Test
    void everyFieldIsReadAsItWasSet() {
        message.opCode(OpCode.SIGNAL).channel(65_535).id(-1).more(true).outOfBand(true);
        message.headers().append("a", "1");
        message.body().append(new byte[3]);
        message.slot().markEngine(Status.POOL_EMPTY);

        assertThat(message.opCode()).isEqualTo(OpCode.SIGNAL);
        assertThat(message.channel()).isEqualTo(65_535);
        assertThat(message.id()).isEqualTo(-1);
        assertThat(message.more()).isTrue();
        assertThat(message.outOfBand()).isTrue();
        assertThat(message.status()).isEqualTo(Status.POOL_EMPTY);
        assertThat(message.origin()).isEqualTo(Origin.ENGINE);
        assertThat(message.header())
                .isEqualTo(
                        new BinaryHeader(
                                65_535,
                                OpCode.SIGNAL,
                                Origin.ENGINE,
                                true,
                                true,
                                Status.POOL_EMPTY,
                                -1,
                                5,
                                3));
    }

    @Test
    void aFrameIsTheBytesOfTheTranscript() {
        message.opCode(OpCode.REQUEST).channel(0xB3D5).id(2);
        message.headers().append("k1", "v1").append("k2", " spaced value ");
        message.body().append(Pools.hex("21 28 2f 36 3d 44 4b 52 59 60"));

        assertThat(frameOf(message))
                .isEqualTo(
                        Pools.hex(
                                "b3 d5 | 00 | 00 | 00 00 00 00 00 00 00 02 | 00 1a | 00 0a"
                                        + "6b 31 3a 76 31 0d 0a 6b 32 3a 20 73 70 61 63 65 64 20"
                                        + "76 61 6c 75 65 20 0d 0a"
                                        + "21 28 2f 36 3d 44 4b 52 59 60"));
    }

    @ParameterizedTest
    @EnumSource
    void everyOpCodeCanBeSet(OpCode opCode) {
        assertThat(message.more(true).opCode(opCode).opCode()).isEqualTo(opCode);
        assertThat(message.more()).isTrue();
    }

    @Test
    void flagsCanBeTakenBack() {
        message.more(true).outOfBand(true).more(false).outOfBand(false);

        assertThat(message.more()).isFalse();
        assertThat(message.outOfBand()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 65_536, Integer.MIN_VALUE, Integer.MAX_VALUE})
    void aChannelNumberOutsideItsLimitsIsRefused(int channel) {
        message.channel(7);

        assertStatus(Status.INVALID_CHANNEL_NUMBER, () -> message.channel(channel));
        assertThat(message.channel()).isEqualTo(7);
    }

    @Test
    void clearingMakesAMessageAsNew() {
        message.opCode(OpCode.BYE_REQUEST).channel(9).id(5).more(true).outOfBand(true);
        message.headers().append("a", "1");
        message.body().append("x");
        message.slot().markEngine(Status.POOL_EMPTY);

        assertThat(message.clear()).isSameAs(message);

        try (SlabMessage fresh = Pools.lease(pool)) {
            assertThat(message.header()).isEqualTo(fresh.header());
        }
        assertThat(message.body().append("y").text()).isEqualTo("y");
    }

    @Test
    void aViewReadsASlotThatIsNoLease() {
        Slot slot = Pools.slot(pool, 42);

        SlabMessage view = SlabMessage.view(slot);

        assertThat(view.id()).isEqualTo(42);
        view.body().append(new byte[1_000]);
        Slot now = view.slot();
        assertThat(now).as("it grew").isNotSameAs(slot);
        assertThat(now.owner()).isEqualTo(Slot.Owner.QUEUE);
        assertThat(slot.owner()).isEqualTo(Slot.Owner.FREE);
        now.release(Slot.Owner.QUEUE);
    }

    @Test
    void theTextSaysWhatAMessageIs() {
        message.opCode(OpCode.SIGNAL).id(77);
        assertThat(message.toString()).contains("SIGNAL", "77");

        message.close();
        assertThat(message).hasToString("Message[emptied]");
    }

    private static byte[] frameOf(SlabMessage message) {
        Slot slot = message.slot();
        return Pools.frameOf(slot);
    }

    private static void assertStatus(Status expected, ThrowingCallable call) {
        assertThatExceptionOfType(AmpeException.class)
                .isThrownBy(call)
                .returns(expected, AmpeException::status);
    }
}
