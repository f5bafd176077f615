package tofu.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RefillTest {
    private final MessageCount count = new MessageCount(8);
    private final Refill refill = new Refill(count);
    private int told;

    @BeforeEach
    void listen() {
        count.subtract(-6);
        refill.onRefill(() -> told++);
    }

    @Test
    void whoHasNotAskedIsNotTold() {
        assertThat(refill.isAwaited()).isFalse();
        refill.tell();
        assertThat(told).isZero();
    }

    @Test
    void whoHasAskedIsToldOnce() {
        refill.ask();
        assertThat(refill.isAwaited()).isTrue();
        refill.tell();
        refill.tell();
        assertThat(told).isOne();
        assertThat(refill.isAwaited()).isFalse();
    }

    @Test
    void whoWaitsForFewerMessagesIsToldWhenThereAreFewer() {
        assertThat(refill.ask(6)).isTrue();
        refill.tell();
        assertThat(told).as("6 are out").isZero();
        count.subtract();
        refill.tell();
        assertThat(told).isOne();
    }

    @Test
    void whoeverWaitsForLessNeedNotAsk() {
        assertThat(refill.ask(4)).isTrue();
        assertThat(refill.ask(4)).isFalse();
        assertThat(refill.ask(3)).isFalse();
        assertThat(refill.ask(5)).isTrue();
        refill.ask();
        assertThat(refill.ask(7)).as("any slot will do").isFalse();
    }

    @Test
    void allAreToldOnceMoreIfOneOfThemFails() {
        refill.onRefill(RefillTest.this::failOnce);
        refill.ask(7);

        assertThatThrownBy(refill::tell).isInstanceOf(StackOverflowError.class);
        count.subtract(-2); // more are out than anybody has asked for
        refill.tell();

        assertThat(told).isEqualTo(2);
        assertThat(refill.isAwaited()).isFalse();
    }

    private void failOnce() {
        if (told == 1) {
            throw new StackOverflowError("as if there were no room");
        }
    }

    @Test
    void whoAsksWhileHeIsToldIsToldAgain() {
        refill.onRefill(refill::ask);
        refill.ask();
        refill.tell();
        refill.tell();
        assertThat(told).isEqualTo(2);
    }
}
