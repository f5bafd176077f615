package tofu.recipes.patterns;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
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
    void whoHasTheNumberOfOneThatIsGoneDoesNotHearOfItsJob() throws Exception {
        Options numbersAtOnce = Options.builder().channelQuarantine(Duration.ZERO).build();
        try (Ampe ampe = Ampe.open(numbersAtOnce);
                ChannelGroup server = ampe.create();
                ChannelGroup worker = ampe.create();
                ChannelGroup first = ampe.create();
                ChannelGroup second = ampe.create()) {
            Spooler spooler = new Spooler();
            spooler.start(ampe, server);
            Address.Client address = Steps.listen(ampe, server, SOMEWHERE);
            try (Message hello = ampe.get()) {
                hello.connectTo(address).headers().append("role", "rip");
                worker.enqueueToPeer(hello);
            }
            serve(server, spooler, message -> message.opCode() == OpCode.HELLO_REQUEST);
            Steps.receive(worker, OpCode.HELLO_RESPONSE).close();

            int gone = Steps.hello(ampe, first, address);
            int number =
                    serve(server, spooler, message -> message.opCode() == OpCode.HELLO_REQUEST);
            Steps.receive(first, OpCode.HELLO_RESPONSE).close();
            try (Message job = ampe.get().channel(gone)) {
                job.headers().append("pages", "1");
                first.enqueueToPeer(job);
            }
            serve(server, spooler, message -> message.opCode() == OpCode.REQUEST);
            Steps.cut(ampe, first, gone);
            Steps.awaitEnd(first, gone);
            serve(server, spooler, Message::endsChannel);

            int channel = Steps.hello(ampe, second, address);
            assertThat(serve(server, spooler, message -> message.opCode() == OpCode.HELLO_REQUEST))
                    .isEqualTo(number);
            Steps.receive(second, OpCode.HELLO_RESPONSE).close();
            try (Message page = Steps.receive(worker, OpCode.REQUEST)) {
                Steps.answer(worker, page);
            }
            serve(server, spooler, message -> message.opCode() == OpCode.RESPONSE);
            try (Message job = ampe.get().channel(channel)) {
                job.headers().append("pages", "1");
                second.enqueueToPeer(job);
            }
            serve(server, spooler, message -> message.opCode() == OpCode.REQUEST);
            Steps.receive(second, OpCode.RESPONSE).close(); // nothing came before it
        }
    }

    /// Gives the spooler what comes, up to a message.
    ///
    /// @return the channel of that one
    private static int serve(ChannelGroup server, Spooler spooler, Predicate<Message> last)
            throws InterruptedException {
        while (true) {
            try (Message message = Steps.next(server)) {
                int channel = message.channel();
                boolean ends = last.test(message);
                spooler.onMessage(message);
                if (ends) {
                    return channel;
                }
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
