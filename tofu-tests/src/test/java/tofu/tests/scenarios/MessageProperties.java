package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jspecify.annotations.Nullable;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.Body;
import tofu.api.LeakDetection;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Origin;
import tofu.api.Status;

/// Whatever is done to a few messages, in any order, each is what a small model says: fields,
/// text headers, body, copies of one another, and nothing at all once it was moved or closed. What
/// is refused changes nothing.
class MessageProperties {
    private static final int MESSAGES = 3;

    /// In all text headers of a message, and in its body.
    private static final int MOST_BYTES = Body.MAX_LENGTH;

    /// What happens next, to the message at a place.
    sealed interface Step {
        int at();

        /// A message from the pool takes the place of the one that was there.
        record Get(int at) implements Step {}

        record SetOpCode(int at, OpCode opCode) implements Step {}

        record SetChannel(int at, int channel) implements Step {}

        record SetId(int at, long id) implements Step {}

        record SetFlags(int at, boolean more, boolean outOfBand) implements Step {}

        record AddHeader(int at, String name, int valueLength, boolean first) implements Step {
            boolean isHeader() {
                return !name.isEmpty() && !name.contains(":") && valueLength > 0;
            }

            Header header() {
                return new Header(name, "v".repeat(valueLength));
            }
        }

        record RemoveHeaders(int at, String name) implements Step {}

        record AddBody(int at, int length) implements Step {}

        record ConnectTo(int at, int port) implements Step {
            Address.Client address() {
                return new Address.TcpClient("127.0.0.1", port);
            }

            Header header() {
                return new Header(Address.CONNECT_TO, address().toString());
            }
        }

        record Clear(int at, What what) implements Step {}

        record CopyFrom(int at, int other) implements Step {}

        /// Moves it back to the pool, or closes it.
        record Leave(int at, boolean byPut) implements Step {}
    }

    enum What {
        ALL,
        HEADERS,
        BODY
    }

    private static Ampe engine;

    @BeforeContainer
    static void open() {
        engine = Ampe.open(Options.builder().leakDetection(LeakDetection.PARANOID).build());
    }

    @AfterContainer
    static void close() {
        engine.close();
    }

    @Provide
    Arbitrary<Step> steps() {
        Arbitrary<Integer> at = Arbitraries.integers().between(0, MESSAGES - 1);
        Arbitrary<Boolean> yesOrNo = Arbitraries.of(false, true);
        Arbitrary<String> names = Arbitraries.of("a", "b", "", "a:b");
        Arbitrary<Integer> lengths =
                Arbitraries.oneOf(
                        Arbitraries.integers().between(0, 300),
                        Arbitraries.integers().between(0, Body.MAX_LENGTH + 1));
        Arbitrary<Integer> channels =
                Arbitraries.oneOf(
                        Arbitraries.integers().between(0, 0xFFFF), Arbitraries.of(-1, 0x10000));
        return Arbitraries.oneOf(
                at.map(Step.Get::new),
                Combinators.combine(at, Arbitraries.of(OpCode.class)).as(Step.SetOpCode::new),
                Combinators.combine(at, channels).as(Step.SetChannel::new),
                Combinators.combine(at, Arbitraries.longs()).as(Step.SetId::new),
                Combinators.combine(at, yesOrNo, yesOrNo).as(Step.SetFlags::new),
                Combinators.combine(at, names, lengths, yesOrNo).as(Step.AddHeader::new),
                Combinators.combine(at, names).as(Step.RemoveHeaders::new),
                Combinators.combine(at, lengths).as(Step.AddBody::new),
                Combinators.combine(at, Arbitraries.integers().between(1, 9))
                        .as(Step.ConnectTo::new),
                Combinators.combine(at, Arbitraries.of(What.class)).as(Step.Clear::new),
                Combinators.combine(at, at).as(Step.CopyFrom::new),
                Combinators.combine(at, yesOrNo).as(Step.Leave::new));
    }

    @Property(tries = 500)
    void eachMessageIsWhatTheModelSays(@ForAll List<@From("steps") Step> steps) {
        try (Run run = new Run(engine)) {
            for (Step step : steps) {
                run.take(step);
                run.check();
            }
        }
    }

    /// A text header.
    private record Header(String name, String value) {
        int length() {
            return name.length() + 1 + value.length() + 2;
        }
    }

    /// A message as the model has it.
    private static final class Model {
        private OpCode opCode = OpCode.REQUEST;
        private int channel;
        private long id;
        private boolean more;
        private boolean outOfBand;
        private List<Header> headers = new ArrayList<>();
        private String body = "";
        private boolean emptied;

        void copy(Model other) {
            opCode = other.opCode;
            channel = other.channel;
            id = other.id;
            more = other.more;
            outOfBand = other.outOfBand;
            headers = new ArrayList<>(other.headers);
            body = other.body;
        }

        int headersLength() {
            return headers.stream().mapToInt(Header::length).sum();
        }

        /// Prepares the model for an address, which comes as the first header.
        void makeHello() {
            opCode = OpCode.HELLO_REQUEST;
            channel = 0;
            headers.removeIf(old -> old.name().equals(Address.CONNECT_TO));
        }
    }

    private static final class Run implements AutoCloseable {
        private final Ampe ampe;
        private final List<Message> messages = new ArrayList<>();
        private final List<Model> models = new ArrayList<>();

        Run(Ampe ampe) {
            this.ampe = ampe;
            for (int i = 0; i < MESSAGES; i++) {
                messages.add(ampe.get());
                models.add(new Model());
            }
        }

        void take(Step step) {
            Model model = models.get(step.at());
            if (step instanceof Step.Get) {
                messages.set(step.at(), ampe.get()).close();
                models.set(step.at(), new Model());
                return;
            }
            Status refusal = refusal(model, step);
            if (refusal != null) {
                refused(() -> act(step), refusal);
                return;
            }
            act(step);
            apply(model, step);
        }

        private void act(Step step) {
            Message message = messages.get(step.at());
            switch (step) {
                case Step.SetOpCode set -> message.opCode(set.opCode());
                case Step.SetChannel set -> message.channel(set.channel());
                case Step.SetId set -> message.id(set.id());
                case Step.SetFlags set -> message.more(set.more()).outOfBand(set.outOfBand());
                case Step.AddHeader add when add.first() ->
                        message.headers().prepend(add.name(), "v".repeat(add.valueLength()));
                case Step.AddHeader add ->
                        message.headers().append(add.name(), "v".repeat(add.valueLength()));
                case Step.RemoveHeaders remove -> message.headers().remove(remove.name());
                case Step.AddBody add -> message.body().append("b".repeat(add.length()));
                case Step.ConnectTo to -> message.connectTo(to.address());
                case Step.Clear clear when clear.what() == What.HEADERS ->
                        message.headers().clear();
                case Step.Clear clear when clear.what() == What.BODY -> message.body().clear();
                case Step.Clear _ -> message.clear();
                case Step.CopyFrom copy -> message.fillFrom(messages.get(copy.other()));
                case Step.Leave leave when leave.byPut() -> ampe.put(message);
                case Step.Leave _ -> message.close();
                case Step.Get _ -> throw new AssertionError(step);
            }
        }

        /// Why a step has to be refused; `null` if it has not.
        private @Nullable Status refusal(Model model, Step step) {
            if (model.emptied) {
                return step instanceof Step.Leave ? null : Status.NULL_MESSAGE;
            }
            return switch (step) {
                case Step.SetChannel set when set.channel() < 0 || set.channel() > 0xFFFF ->
                        Status.INVALID_CHANNEL_NUMBER;
                case Step.AddHeader add when !add.isHeader() -> Status.INVALID_HEADER;
                case Step.AddHeader add
                        when model.headersLength() + add.header().length() > MOST_BYTES ->
                        Status.INVALID_HEADERS_LEN;
                case Step.ConnectTo to -> {
                    model.makeHello(); // and so it is if there is no room for the address
                    boolean fits = model.headersLength() + to.header().length() <= MOST_BYTES;
                    yield fits ? null : Status.INVALID_HEADERS_LEN;
                }
                case Step.AddBody add when model.body.length() + add.length() > MOST_BYTES ->
                        Status.INVALID_BODY_LEN;
                case Step.CopyFrom copy when models.get(copy.other()).emptied ->
                        Status.NULL_MESSAGE;
                default -> null;
            };
        }

        private void apply(Model model, Step step) {
            switch (step) {
                case Step.SetOpCode set -> model.opCode = set.opCode();
                case Step.SetChannel set -> model.channel = set.channel();
                case Step.SetId set -> model.id = set.id();
                case Step.SetFlags set -> {
                    model.more = set.more();
                    model.outOfBand = set.outOfBand();
                }
                case Step.AddHeader add ->
                        model.headers.add(add.first() ? 0 : model.headers.size(), add.header());
                case Step.RemoveHeaders remove ->
                        model.headers.removeIf(header -> header.name().equals(remove.name()));
                case Step.AddBody add -> model.body += "b".repeat(add.length());
                case Step.ConnectTo to -> model.headers.addFirst(to.header());
                case Step.Clear clear -> {
                    switch (clear.what()) {
                        case ALL -> model.copy(new Model());
                        case HEADERS -> model.headers.clear();
                        case BODY -> model.body = "";
                    }
                }
                case Step.CopyFrom copy -> model.copy(models.get(copy.other()));
                case Step.Leave _ -> model.emptied = true;
                case Step.Get _ -> throw new AssertionError(step);
            }
        }

        private static void refused(Runnable deed, Status refusal) {
            assertThatExceptionOfType(AmpeException.class)
                    .isThrownBy(deed::run)
                    .returns(refusal, AmpeException::status);
        }

        void check() {
            for (int i = 0; i < MESSAGES; i++) {
                Message message = messages.get(i);
                Model model = models.get(i);
                assertThat(message.isEmptied()).isEqualTo(model.emptied);
                if (model.emptied) {
                    refused(message::header, Status.NULL_MESSAGE);
                    refused(message::body, Status.NULL_MESSAGE);
                    refused(message::headers, Status.NULL_MESSAGE);
                } else {
                    check(message, model);
                }
            }
        }

        private static void check(Message message, Model model) {
            assertThat(message.opCode()).isEqualTo(model.opCode);
            assertThat(message.channel()).isEqualTo(model.channel);
            assertThat(message.id()).isEqualTo(model.id);
            assertThat(message.more()).isEqualTo(model.more);
            assertThat(message.outOfBand()).isEqualTo(model.outOfBand);
            assertThat(message.status()).isEqualTo(Status.SUCCESS);
            assertThat(message.origin()).isEqualTo(Origin.APPLICATION);
            List<Header> headers = new ArrayList<>();
            for (var cursor = message.headers().cursor(); cursor.next(); ) {
                headers.add(new Header(cursor.name(), cursor.value()));
            }
            assertThat(headers).isEqualTo(model.headers);
            assertThat(message.headers().length()).isEqualTo(model.headersLength());
            assertThat(message.body().text()).isEqualTo(model.body);
        }

        @Override
        public void close() {
            messages.forEach(Message::close);
        }
    }
}
