package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tofu.api.Ampe;
import tofu.api.LeakDetection;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.tests.rigs.Eventually;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;

/// Messages that an application forgets: they are reported, by way of the logger `tofu.leak`.
class LeakScenario {
    @RegisterExtension final Stage stage = new Stage();

    @Test
    void aMessageThatIsHeldWhenTheEngineClosesIsReportedAndStaysValid() throws Exception {
        Peer peer = stage.peer();
        Message held = peer.message();
        held.body().append("still readable");
        stage.strike();
        stage.expectWarning("messages not given back when the engine closed: {LEASE=1}");
        assertThat(held.body().text()).isEqualTo("still readable");
        held.body().append(" and writable, as far as it goes".repeat(10));
        assertThat(held.body().text()).endsWith("goes");
        held.close();
    }

    @Test
    void aReceivedMessageThatIsHeldIsReportedToo() throws Exception {
        Link link = stage.link(Transport.UDS);
        link.client().say(OpCode.SIGNAL, link.clientChannel(), "held");
        Message held = link.server().group().waitReceive(Peer.PATIENCE);
        assertThat(held).isNotNull();
        stage.strike();
        stage.expectWarning("{LEASE=1}");
        assertThat(held.body().text()).isEqualTo("held");
        held.close();
    }

    @Test
    void aForgottenMessageIsReportedWithTheStackThatGotIt() throws Exception {
        Ampe engine = stage.engine(o -> o.leakDetection(LeakDetection.PARANOID));
        forget(engine);
        Eventually.holds(
                "a report",
                () -> {
                    System.gc();
                    engine.put(engine.get());
                    return stage.takeWarning("LeakScenario.forget");
                });
        stage.strike();
        stage.expectWarning("{LEASE=1}");
    }

    private static void forget(Ampe engine) {
        assertThat(engine.get()).isNotNull();
    }
}
