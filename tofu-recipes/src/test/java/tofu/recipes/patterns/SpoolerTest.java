package tofu.recipes.patterns;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.recipes.first.MultiHomed;
import tofu.recipes.first.Services;
import tofu.recipes.first.Steps;

/// No peer ends the server with what it says.
@Timeout(60)
class SpoolerTest {
    private static final Address.Server SOMEWHERE = new Address.TcpServer("127.0.0.1", 0);

    private static String ask(ChannelGroup group, Message request) throws InterruptedException {
        group.enqueueToPeer(request);
        try (Message response = Steps.receive(group, OpCode.RESPONSE)) {
            String refused = response.headers().first("refused");
            return refused == null ? "ticket" : "refused";
        }
    }

    @Test
    void jobsThatMakeNoSenseAreRefused() throws Exception {
        try (Ampe ampe = Ampe.open();
                MultiHomed server = MultiHomed.start(ampe, List.of(SOMEWHERE), new Spooler());
                ChannelGroup group = ampe.create()) {
            int channel = Steps.connect(ampe, group, server.addresses().getFirst());
            try (Message none = ampe.get().channel(channel)) {
                assertThat(ask(group, none)).isEqualTo("refused");
            }
            for (String pages : List.of("many", "-1", "0", "2000000000", "10001")) {
                try (Message job = ampe.get().channel(channel)) {
                    job.headers().append("pages", pages);
                    assertThat(ask(group, job)).as(pages).isEqualTo("refused");
                }
            }
            try (Message answer = ampe.get().opCode(OpCode.RESPONSE)) {
                group.enqueueToPeer(answer.channel(channel).id(1)); // nobody has asked it
            }
            try (Message job = ampe.get().channel(channel)) {
                job.headers().append("pages", "3");
                assertThat(ask(group, job)).isEqualTo("ticket");
            }
        }
    }

    @Test
    void whatAServiceCannotDigestCostsItsSenderOnly() throws Exception {
        Services touchy =
                new Services() {
                    private @Nullable ChannelGroup group;

                    @Override
                    public void start(Ampe ampe, ChannelGroup sendTo) {
                        group = sendTo;
                    }

                    @Override
                    public boolean onMessage(Message message) throws InterruptedException {
                        if (message.opCode() == OpCode.SIGNAL && !message.endsChannel()) {
                            throw new NumberFormatException("not a number");
                        }
                        if (message.opCode().role() == OpCode.Role.REQUEST) {
                            Steps.tryAnswer(Objects.requireNonNull(group), message);
                        }
                        return true;
                    }

                    @Override
                    public void stop() {}
                };
        try (Ampe ampe = Ampe.open();
                MultiHomed server = MultiHomed.start(ampe, List.of(SOMEWHERE), touchy);
                ChannelGroup bad = ampe.create();
                ChannelGroup good = ampe.create()) {
            int channel = Steps.connect(ampe, good, server.addresses().getFirst());
            int other = Steps.connect(ampe, bad, server.addresses().getFirst());
            try (Message signal = ampe.get().opCode(OpCode.SIGNAL).channel(other)) {
                bad.enqueueToPeer(signal);
            }
            Steps.awaitEnd(bad, other);
            try (Message request = ampe.get().channel(channel)) {
                assertThat(ask(good, request)).isEqualTo("ticket");
            }
        }
    }
}
