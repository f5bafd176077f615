package tofu.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.LinkedHashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.AmpeException;
import tofu.api.BinaryHeader;
import tofu.api.OpCode;
import tofu.api.Status;

/// Messages that outgrow their slots.
class SlabMessageGrowthTest {
    private SlotPool pool = Pools.ample();

    @AfterEach
    void everythingComesHome() {
        assertThat(pool.messagesOut()).isZero();
        assertThat(pool.census()).containsOnlyKeys(Slot.Owner.FREE);
        pool.close();
        assertThat(pool.bytesAllocated()).isZero();
    }

    @Test
    void aMessageBeginsInTheSmallestSlotAndGrowsThroughAllSizes() {
        Set<Integer> capacities = new LinkedHashSet<>();
        byte[] chunk = new byte[111];
        try (SlabMessage message = Pools.lease(pool)) {
            while (message.body().length() + chunk.length <= 65_535) {
                capacities.add(message.slot().capacity());
                message.body().append(chunk);
            }
            message.headers().append("n", "v".repeat(60_000));
            capacities.add(message.slot().capacity());
            assertThat(message.slot().owner()).isEqualTo(Slot.Owner.LEASE);
            assertThat(pool.messagesOut()).isOne();
            assertThat(pool.census()).containsEntry(Slot.Owner.LEASE, 1);
        }
        assertThat(capacities).containsExactlyElementsOf(Pools.CAPACITIES);
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                0, 1, 100, 101, 102, 292, 293, 1_060, 1_061, 4_132, 4_133, 16_420, 16_421, 65_535
            })
    void growthKeepsHeaderTextHeadersAndBody(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        try (SlabMessage message = Pools.lease(pool)) {
            message.opCode(OpCode.SIGNAL).channel(4_711).id(-2).more(true).outOfBand(true);
            message.headers().append("name", "value");
            BinaryHeader before = message.header();

            message.body()
                    .append(bytes, 0, length / 2)
                    .append(bytes, length / 2, length - length / 2);

            assertThat(message.header()).isEqualTo(withLengths(before, 12, length));
            assertThat(message.headers().first("name")).isEqualTo("value");
            assertThat(message.body().toByteArray()).isEqualTo(bytes);

            message.headers().append("behind", "x".repeat(1_000));

            assertThat(message.header()).isEqualTo(withLengths(before, 12 + 1_009, length));
            assertThat(message.headers().first("name")).isEqualTo("value");
            assertThat(message.headers().first("behind")).hasSize(1_000);
            assertThat(message.body().toByteArray()).isEqualTo(bytes);
        }
    }

    @Test
    void theLongestMessageFits() {
        try (SlabMessage message = Pools.lease(pool)) {
            message.body().append(new byte[65_535]);
            message.headers().append("n", "v".repeat(65_535 - "n:\r\n".length()));

            assertThat(message.slot().frameLength()).isEqualTo(131_086);
            assertThat(message.slot().capacity()).isGreaterThanOrEqualTo(131_086);
            assertThat(message.body().toByteArray()).hasSize(65_535).containsOnly(0);
        }
    }

    @Test
    void aSlotIsFilledToItsLastByteBeforeTheMessageMoves() {
        try (SlabMessage message = Pools.lease(pool)) {
            Slot first = message.slot();

            message.body().append(new byte[first.capacity() - HeaderLayout.LENGTH]);
            assertThat(message.slot()).isSameAs(first);

            message.body().append(new byte[1]);
            assertThat(message.slot()).isNotSameAs(first);
            assertThat(first.owner()).isEqualTo(Slot.Owner.FREE);
        }
    }

    @Test
    void aBodyThatGrewCanBeUsedThroughTheViewThatWasThereBefore() {
        try (SlabMessage message = Pools.lease(pool)) {
            var body = message.body();
            var headers = message.headers().append("a", "1");
            var cursor = headers.cursor();

            body.append(new byte[100_000 / 2]);

            assertThat(body.length()).isEqualTo(50_000);
            assertThat(cursor.next()).isTrue();
            assertThat(cursor.name()).isEqualTo("a");
        }
    }

    @Test
    void growthKeepsWhoDeliveredTheSlot() {
        int[] told = new int[1];
        Slot slot = Pools.slot(pool, 1);
        slot.source(length -> told[0] += length);
        SlabMessage view = SlabMessage.view(slot);

        view.body().append(new byte[1_000]);

        assertThat(slot.source()).isNull();
        view.slot().tellSource();
        view.slot().tellSource();
        assertThat(told[0]).as("once").isEqualTo(1_016);
        view.slot().release(Slot.Owner.QUEUE);
    }

    @Test
    void aMessageThatMayNotGrowIsUnchanged() {
        pool = Pools.pool(10, 64 << 10);
        try (SlabMessage message = Pools.lease(pool)) {
            message.id(7).headers().append("name", "value");
            message.body().append("kept");
            byte[] before = frame(message);

            assertNoMemory(() -> message.body().append(new byte[65_000]));
            assertNoMemory(() -> message.headers().append("n", "v".repeat(65_000)));

            assertThat(frame(message)).isEqualTo(before);
            assertThat(pool.bytesAllocated()).isLessThanOrEqualTo(64 << 10);
            message.body().append("!");
            assertThat(message.body().text()).isEqualTo("kept!");
        }
    }

    @Test
    void aSlotThatWasOutgrownIsReusedAtOnce() {
        try (SlabMessage message = Pools.lease(pool)) {
            Slot outgrown = message.slot();
            message.body().append(new byte[200]);
            try (SlabMessage next = Pools.lease(pool)) {
                assertThat(next.slot()).isSameAs(outgrown);
                next.body().append("next");
                assertThat(message.body().toByteArray()).hasSize(200).containsOnly(0);
            }
        }
    }

    private static void assertNoMemory(Runnable append) {
        assertThatExceptionOfType(AmpeException.class)
                .isThrownBy(append::run)
                .withMessageContaining("maxPoolBytes")
                .returns(Status.ALLOCATION_FAILED, AmpeException::status);
    }

    private static BinaryHeader withLengths(BinaryHeader h, int headersLength, int bodyLength) {
        return new BinaryHeader(
                h.channel(),
                h.opCode(),
                h.origin(),
                h.more(),
                h.outOfBand(),
                h.status(),
                h.id(),
                headersLength,
                bodyLength);
    }

    private static byte[] frame(SlabMessage message) {
        return Pools.frameOf(message.slot());
    }
}
