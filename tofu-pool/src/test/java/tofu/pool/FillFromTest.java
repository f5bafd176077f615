package tofu.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tofu.api.AmpeException;
import tofu.api.BinaryHeader;
import tofu.api.OpCode;
import tofu.api.Origin;
import tofu.api.Status;

/// A message that becomes a copy of another one.
class FillFromTest {
    private final SlotPool pool = Pools.ample();
    private final SlabMessage message = Pools.lease(pool);
    private final SlabMessage copy = Pools.lease(pool);

    @AfterEach
    void everythingComesHome() {
        message.close();
        copy.close();
        assertThat(pool.messagesOut()).isZero();
        assertThat(pool.census()).containsOnlyKeys(Slot.Owner.FREE);
        pool.close();
    }

    private static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 0", "0, 1", "100, 50", "65535, 0", "0, 65535", "65535, 60000"})
    void aCopyHasHeaderTextHeadersAndBody(int length, int before) {
        message.opCode(OpCode.SIGNAL).channel(7).id(-5).more(true).outOfBand(true);
        message.headers().append("a", "1").append("b", "2");
        message.body().append(bytes(length));
        copy.headers().append("old", "x");
        copy.body().append(bytes(before));

        assertThat(copy.fillFrom(message)).isSameAs(copy);

        for (SlabMessage each : new SlabMessage[] {message, copy}) {
            assertThat(each.header())
                    .isEqualTo(
                            new BinaryHeader(
                                    7,
                                    OpCode.SIGNAL,
                                    Origin.APPLICATION,
                                    true,
                                    true,
                                    Status.SUCCESS,
                                    -5,
                                    10,
                                    length));
            assertThat(each.headers().toMap()).containsEntry("a", "1").containsEntry("b", "2");
            assertThat(each.headers().toMap()).hasSize(2);
            assertThat(each.body().toByteArray()).isEqualTo(bytes(length));
        }
    }

    @Test
    void aCopyAndItsSourceAreApart() {
        message.body().append("one");
        copy.fillFrom(message);
        message.body().append(" and more");
        copy.body().append(" copy");

        assertThat(message.body().text()).isEqualTo("one and more");
        assertThat(copy.body().text()).isEqualTo("one copy");
    }

    @Test
    void aCopyOfWhatTheEngineSaysIsTheApplications() {
        message.slot().markEngine(Status.CHANNEL_CLOSED);
        message.slot().markEnd();

        copy.fillFrom(message);

        assertThat(message.endsChannel()).isTrue();
        assertThat(copy.endsChannel()).isFalse();
        assertThat(copy.origin()).isEqualTo(Origin.APPLICATION);
        assertThat(copy.status()).isEqualTo(Status.SUCCESS);
    }

    @Test
    void aMessageMayBeFilledFromItself() {
        message.id(3).body().append("same");

        message.fillFrom(message);

        assertThat(message.id()).isEqualTo(3);
        assertThat(message.body().text()).isEqualTo("same");
    }

    @Test
    void anEmptiedMessageIsNothingToCopy() {
        copy.id(4).body().append("kept");
        message.close();

        assertThatExceptionOfType(AmpeException.class)
                .isThrownBy(() -> copy.fillFrom(message))
                .returns(Status.NULL_MESSAGE, AmpeException::status);
        assertThat(copy.id()).isEqualTo(4);
        assertThat(copy.body().text()).isEqualTo("kept");
    }

    @Test
    void withoutMemoryForTheCopyNothingIsChanged() {
        SlotPool small = Pools.pool(64, Pools.MEBIBYTE);
        try (SlabMessage source = Pools.lease(small);
                SlabMessage target = Pools.lease(small)) {
            source.body().append(new byte[60_000]);
            target.id(4).body().append("kept");
            List<SlabMessage> hoard = new ArrayList<>();
            assertThatExceptionOfType(AmpeException.class)
                    .isThrownBy(
                            () -> {
                                while (true) {
                                    SlabMessage next = Pools.lease(small);
                                    hoard.add(next);
                                    next.fillFrom(source);
                                }
                            })
                    .returns(Status.ALLOCATION_FAILED, AmpeException::status);
            assertThatExceptionOfType(AmpeException.class)
                    .isThrownBy(() -> target.fillFrom(source))
                    .returns(Status.ALLOCATION_FAILED, AmpeException::status);
            assertThat(target.id()).isEqualTo(4);
            assertThat(target.body().text()).isEqualTo("kept");
            hoard.forEach(SlabMessage::close);
        }
        small.close();
    }
}
