package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BacklogTest {
    private final Backlog backlog = new Backlog();

    @Test
    void countsWhatWasDeliveredAndNotTaken() {
        backlog.delivered(500);
        backlog.delivered(40);
        backlog.takenBytes += 100;

        assertThat(backlog.untakenBytes()).isEqualTo(440);
        assertThat(backlog.bytes()).isEqualTo(440);
    }

    @Test
    void countsWhatFramesThatHaveBegunHave() {
        backlog.delivered(500);
        backlog.begun(4_096);
        backlog.begun(128);
        backlog.begun(-4_096);

        assertThat(backlog.bytes()).isEqualTo(628);
        assertThat(backlog.untakenBytes()).as("these are not delivered").isEqualTo(500);
    }
}
