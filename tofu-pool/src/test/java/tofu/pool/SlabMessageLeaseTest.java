package tofu.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.lang.foreign.MemorySegment;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tofu.api.AmpeException;
import tofu.api.Body;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.api.TextHeaders;

/// How a lease ends, and that nothing reaches the slot through it afterwards.
class SlabMessageLeaseTest {
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
    void closingEmptiesTheMessage() {
        message.close();

        assertEmptied(message);
    }

    @Test
    void movingEmptiesTheMessageAndLeavesTheSlotToItsNewOwner() {
        Slot slot = message.slot().handOver(Slot.Owner.LEASE, Slot.Owner.QUEUE);

        message.moved();

        assertEmptied(message);
        assertThat(slot.owner()).isEqualTo(Slot.Owner.QUEUE);
        assertThat(pool.messagesOut()).isOne();
        slot.release(Slot.Owner.QUEUE);
    }

    @Test
    void closingTwiceDoesNothingEvenIfTheSlotIsSomebodyElses() {
        Slot slot = message.slot();
        message.close();
        try (SlabMessage other = Pools.lease(pool)) {
            assertThat(other.slot()).isSameAs(slot);
            other.body().append("mine");

            message.close();

            assertThat(other.body().text()).isEqualTo("mine");
            assertThat(pool.messagesOut()).isOne();
        }
    }

    @Test
    void closingAMovedMessageDoesNothing() {
        Slot slot = message.slot().handOver(Slot.Owner.LEASE, Slot.Owner.QUEUE);
        message.moved();

        message.close();

        assertThat(slot.owner()).isEqualTo(Slot.Owner.QUEUE);
        slot.release(Slot.Owner.QUEUE);
    }

    @Test
    void viewsDieWithTheLeaseAndNeverSeeTheNextOne() {
        Body body = message.body();
        TextHeaders headers = message.headers();
        message.close();
        try (SlabMessage next = Pools.lease(pool)) {
            next.headers().append("secret", "1");
            next.body().append("secret");

            List<ThrowingCallable> uses =
                    List.of(
                            body::length,
                            body::segment,
                            body::toByteArray,
                            body::text,
                            body::clear,
                            () -> body.append("x"),
                            () -> body.append(new byte[1]),
                            () -> body.append(new byte[1], 0, 1),
                            () -> body.append(ByteBuffer.allocate(1)),
                            () -> body.append(MemorySegment.ofArray(new byte[1])),
                            () -> body.copyTo(ByteBuffer.allocate(100)),
                            () -> body.copyTo(MemorySegment.ofArray(new byte[100])),
                            headers::length,
                            headers::toMap,
                            headers::clear,
                            () -> headers.first("secret"),
                            () -> headers.append("a", "1"),
                            () -> headers.cursor().next());
            assertThat(uses).allSatisfy(use -> assertStatus(Status.NULL_MESSAGE, use));

            assertThat(next.body().text()).isEqualTo("secret");
            assertThat(next.headers().length()).isEqualTo("secret:1\r\n".length());
        }
    }

    @Test
    void aPresentMessageIsFoundAgain() {
        assertThat(SlabMessage.present(message)).isSameAs(message);
        assertStatus(Status.NULL_MESSAGE, () -> SlabMessage.present(null));
        assertThat(Message.isPresent(null)).isFalse();
    }

    @Test
    void aMessageThatNoPoolMadeIsRefused() {
        Message foreign =
                (Message)
                        Proxy.newProxyInstance(
                                SlabMessageTest.class.getClassLoader(),
                                new Class<?>[] {Message.class},
                                (proxy, method, arguments) -> null);

        assertStatus(Status.INVALID_MESSAGE, () -> SlabMessage.present(foreign));
    }

    private static void assertEmptied(SlabMessage message) {
        List<ThrowingCallable> accessors =
                List.of(
                        message::opCode,
                        () -> message.opCode(OpCode.SIGNAL),
                        message::channel,
                        () -> message.channel(1),
                        message::id,
                        () -> message.id(1),
                        message::status,
                        message::origin,
                        message::more,
                        () -> message.more(true),
                        message::outOfBand,
                        () -> message.outOfBand(true),
                        message::headers,
                        message::body,
                        message::header,
                        message::clear,
                        message::slot,
                        () -> SlabMessage.present(message));
        assertThat(accessors).allSatisfy(access -> assertStatus(Status.NULL_MESSAGE, access));
        assertThat(message.isEmptied()).isTrue();
        assertThat(Message.isPresent(message)).isFalse();
    }

    private static void assertStatus(Status expected, ThrowingCallable call) {
        assertThatExceptionOfType(AmpeException.class)
                .isThrownBy(call)
                .returns(expected, AmpeException::status);
    }
}
