package tofu.engine.link;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// Who has to go when there are too many that have not said hello.
class HandshakesTest {
    private final Handshakes handshakes = new Handshakes(2);

    private static Handshakes.Newcomer newcomer() {
        return caller -> {
            throw new AssertionError("called under the lock");
        };
    }

    @Test
    void eachHasItsNumberInTheOrderOfArrival() {
        long first = handshakes.arrive();

        assertThat(handshakes.arrive()).isGreaterThan(first);
    }

    @Test
    void theOldestGoesWhoeverIsAddedFirst() {
        Handshakes.Newcomer second = newcomer();
        Handshakes.Newcomer first = newcomer();
        Handshakes.Newcomer third = newcomer();
        assertThat(handshakes.add(2, second)).isNull();
        assertThat(handshakes.add(1, first)).isNull();

        assertThat(handshakes.add(3, third)).isSameAs(first);
        assertThat(handshakes.add(4, newcomer())).as("who goes counts no more").isSameAs(second);
    }

    @Test
    void whoHasSaidHelloDoesNotCount() {
        Handshakes.Newcomer first = newcomer();
        handshakes.add(1, first);
        handshakes.add(2, newcomer());
        handshakes.remove(2);

        assertThat(handshakes.add(3, newcomer())).isNull();
        handshakes.remove(2);
        assertThat(handshakes.add(4, newcomer())).isSameAs(first);
    }

    @Test
    void anotherThreadMayAddMeanwhile() throws Exception {
        handshakes.add(1, newcomer());
        handshakes.remove(1);
        new tofu.engine.channel.Crew().add(() -> handshakes.add(2, newcomer())).work();

        assertThat(handshakes.add(3, newcomer())).isNull();
    }
}
