package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tofu.api.Status;

class SoleNoticeTest {
    private final FakeOutlet outlet = new FakeOutlet();
    private final SoleNotice notice = new SoleNotice(outlet, Status.CHANNEL_IDLE);

    @Test
    void whatIsNotTakenIsNotToldAgain() {
        notice.tell(7);
        notice.tell(7);
        assertThat(outlet.takeAll()).containsExactly("notice CHANNEL_IDLE 7");

        notice.tell(7);
        assertThat(outlet.takeAll()).containsExactly("notice CHANNEL_IDLE 7");
    }
}
