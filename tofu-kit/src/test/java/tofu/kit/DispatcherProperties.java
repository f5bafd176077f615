package tofu.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.jspecify.annotations.Nullable;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;
import tofu.api.Status;

/// Filters and handlers come and go, also amid their work; they throw, keep and close what they are
/// given, while messages of several channels come and channels end: who gets what, in which order,
/// is what a small model says, and the loop ends only when it is told to.
class DispatcherProperties {
    private static final int CHANNELS = 2;

    /// In place of a channel: an update of the group's own, which concerns none.
    private static final int NONE = CHANNELS;

    private static final Patience PATIENCE = new Patience();

    /// What happens next.
    sealed interface Step {
        record AddFilter(Deed deed) implements Step {}

        record RemoveFilter(int nth) implements Step {}

        record OnChannel(int place, Deed deed) implements Step {}

        record OffChannel(int place) implements Step {}

        record OnHeader(Deed deed) implements Step {}

        record OffHeader() implements Step {}

        /// Refused if there is one for the op code.
        record OnOpCode(OpCode opCode, Deed deed) implements Step {}

        record OffOpCode(OpCode opCode) implements Step {}

        record Otherwise(Deed deed) implements Step {}

        /// So many messages in a row.
        record Send(int place, OpCode opCode, boolean hasHeader, int count) implements Step {}

        /// By the peer, or by us.
        record End(int place, boolean byPeer) implements Step {}
    }

    @Provide
    Arbitrary<Step> steps() {
        Arbitrary<Integer> place = Arbitraries.integers().between(0, CHANNELS);
        Arbitrary<Integer> channel = Arbitraries.integers().between(0, CHANNELS - 1);
        Arbitrary<Integer> count = Arbitraries.integers().between(1, 3);
        Arbitrary<Boolean> yesOrNo = Arbitraries.of(true, false);
        Arbitrary<OpCode> opCode = Arbitraries.of(OpCode.SIGNAL, OpCode.REQUEST, OpCode.RESPONSE);
        Arbitrary<Deed> looks =
                Arbitraries.of(Deed.NOTE, Deed.NOTE, Deed.TAKE, Deed.LEAVE, Deed.THROW, Deed.FAIL);
        Arbitrary<Deed> handles =
                Arbitraries.of(Deed.NOTE, Deed.LEAVE, Deed.CLOSE, Deed.KEEP, Deed.THROW, Deed.FAIL);
        return Arbitraries.frequencyOf(
                Tuple.of(3, looks.map(Step.AddFilter::new)),
                Tuple.of(2, Arbitraries.integers().between(0, 9).map(Step.RemoveFilter::new)),
                Tuple.of(4, Combinators.combine(place, handles).as(Step.OnChannel::new)),
                Tuple.of(1, place.map(Step.OffChannel::new)),
                Tuple.of(2, handles.map(Step.OnHeader::new)),
                Tuple.of(1, Arbitraries.create(Step.OffHeader::new)),
                Tuple.of(2, Combinators.combine(opCode, handles).as(Step.OnOpCode::new)),
                Tuple.of(1, opCode.map(Step.OffOpCode::new)),
                Tuple.of(2, handles.map(Step.Otherwise::new)),
                Tuple.of(8, Combinators.combine(place, opCode, yesOrNo, count).as(Step.Send::new)),
                Tuple.of(2, Combinators.combine(channel, yesOrNo).as(Step.End::new)));
    }

    @Property(tries = 60)
    void whoGetsWhatIsAsTheModelSays(@ForAll List<@From("steps") Step> steps, @ForAll Ending ending)
            throws Exception {
        try (Run run = new Run()) {
            for (Step step : steps) {
                run.take(step);
                run.check();
            }
            run.end(ending);
        }
    }

    private static final class Run implements AutoCloseable {
        private static final String HEADER = "topic";

        private final Rig rig = new Rig(PATIENCE);
        private final Channels channels = new Channels(rig, CHANNELS);
        private final List<Message> kept = new ArrayList<>();
        private final List<String> heard = new ArrayList<>();
        private int updates;
        private int sentUpdates;
        private int sent;
        private int made;

        // The model.
        private final List<String> expected = new ArrayList<>();
        private final List<String> failures = new ArrayList<>();
        private final List<Actor> filters = new ArrayList<>();
        private final @Nullable Actor[] ofChannels = new @Nullable Actor[CHANNELS + 1];
        private final Map<OpCode, Actor> ofOpCodes = new EnumMap<>(OpCode.class);
        private @Nullable Actor ofHeader;
        private @Nullable Actor ofRest;

        Run() throws InterruptedException {
            rig.dispatcher.filter(
                    message -> {
                        updates += message.status() == Status.RECEIVER_UPDATE ? 1 : 0;
                        return false;
                    });
        }

        /// A filter or a handler.
        private final class Actor implements Filter, Handler {
            private final String name;
            private final Deed deed;
            private final Runnable leave;

            Actor(String kind, Deed deed) {
                this(kind, deed, () -> {});
            }

            /// @param leave takes a handler away
            Actor(String kind, Deed deed, Runnable leave) {
                this.name = kind + " " + ++made;
                this.deed = deed;
                this.leave = leave;
            }

            @Override
            public boolean take(Message message) {
                if (concerns(message)) {
                    hear(message, () -> rig.dispatcher.unfilter(this));
                    return deed == Deed.TAKE;
                }
                return false;
            }

            @Override
            public void onMessage(Message message) {
                if (concerns(message)) {
                    hear(message, leave);
                }
            }

            private void hear(Message message, Runnable away) {
                heard.add(name + ": " + (message.endsChannel() ? "end" : message.body().text()));
                switch (deed) {
                    case LEAVE -> away.run();
                    case CLOSE -> message.close();
                    case KEEP -> kept.add(rig.dispatcher.keep(message));
                    case NOTE, TAKE, THROW, FAIL, AGAIN -> deed.failAs(name);
                }
            }

            @Override
            public void end() {
                heard.add(name + ": end of all");
            }
        }

        /// Not what the engine says, nor the hellos of the rig.
        private static boolean concerns(Message message) {
            return message.endsChannel()
                    || (message.origin() == Origin.APPLICATION
                            && message.opCode().type() == OpCode.Type.REGULAR);
        }

        void take(Step step) throws InterruptedException {
            switch (step) {
                case Step.AddFilter add -> {
                    Actor filter = new Actor("filter", add.deed());
                    rig.dispatcher.filter(filter);
                    filters.add(filter);
                }
                case Step.RemoveFilter remove -> {
                    if (!filters.isEmpty()) {
                        rig.dispatcher.unfilter(filters.remove(remove.nth() % filters.size()));
                    }
                }
                case Step.OnChannel on -> {
                    int channel = near(on.place());
                    Runnable leave = () -> rig.dispatcher.off(channel);
                    Actor handler = new Actor("channel", on.deed(), leave);
                    rig.dispatcher.on(channel, handler);
                    ofChannels[on.place()] = handler;
                }
                case Step.OffChannel off -> {
                    rig.dispatcher.off(near(off.place()));
                    ofChannels[off.place()] = null;
                }
                case Step.OnHeader on -> {
                    ofHeader = new Actor("header", on.deed(), () -> rig.dispatcher.off(HEADER));
                    rig.dispatcher.on(HEADER, ofHeader);
                }
                case Step.OffHeader _ -> {
                    rig.dispatcher.off(HEADER);
                    ofHeader = null;
                }
                case Step.OnOpCode on -> onOpCode(on);
                case Step.OffOpCode off -> {
                    rig.dispatcher.off(off.opCode());
                    ofOpCodes.remove(off.opCode());
                }
                case Step.Otherwise on -> {
                    ofRest = new Actor("otherwise", on.deed());
                    rig.dispatcher.otherwise(ofRest);
                }
                case Step.Send send -> send(send);
                case Step.End end -> end(end.place(), end.byPeer());
            }
        }

        private int near(int place) {
            return place == NONE ? 0 : channels.near(place);
        }

        private void onOpCode(Step.OnOpCode on) {
            Runnable leave = () -> rig.dispatcher.off(on.opCode());
            Actor handler = new Actor(on.opCode().toString(), on.deed(), leave);
            if (ofOpCodes.putIfAbsent(on.opCode(), handler) == null) {
                rig.dispatcher.on(on.opCode(), handler);
            } else {
                assertThatThrownBy(() -> rig.dispatcher.on(on.opCode(), handler))
                        .isInstanceOf(IllegalStateException.class);
            }
        }

        private void send(Step.Send send) throws InterruptedException {
            boolean ends = false;
            for (int i = 0; i < send.count(); i++) {
                String text = "message " + ++sent;
                post(send, text);
                boolean failed = !ends && expectMessage(send, text);
                ends |= failed && send.place() != NONE;
            }
            if (send.place() == NONE) {
                rig.until("updates", () -> updates == sentUpdates);
                return;
            }
            channels.settle(send.place());
            if (ends) {
                expectEnd(send.place());
                channels.replace(List.of(send.place()));
            }
        }

        private void post(Step.Send send, String text) {
            try (Message message = rig.message()) {
                message.opCode(send.opCode()).id(1).body().append(text);
                if (send.hasHeader()) {
                    message.headers().append(HEADER, "x");
                }
                if (send.place() == NONE) {
                    rig.dispatcher.group().updateReceiver(message);
                    sentUpdates++;
                } else {
                    rig.far.enqueueToPeer(message.channel(channels.far(send.place())));
                }
            }
        }

        /// @return whether somebody throws
        private boolean expectMessage(Step.Send send, String text) {
            for (Actor filter : List.copyOf(filters)) {
                expected.add(filter.name + ": " + text);
                if (filter.deed == Deed.LEAVE) {
                    filters.remove(filter);
                }
                if (filter.deed.fails()) {
                    failures.add(filter.name);
                    return true;
                }
                if (filter.deed == Deed.TAKE) {
                    return false;
                }
            }
            Actor handler = handlerOf(send);
            if (handler == null) {
                return false;
            }
            expected.add(handler.name + ": " + text);
            if (handler.deed == Deed.LEAVE) {
                leave(handler, send);
            }
            if (handler.deed.fails()) {
                failures.add(handler.name);
            }
            return handler.deed.fails();
        }

        /// The one for all else stays.
        private void leave(Actor handler, Step.Send send) {
            if (handler == ofChannels[send.place()]) {
                ofChannels[send.place()] = null;
            } else if (handler == ofHeader) {
                ofHeader = null;
            } else {
                ofOpCodes.remove(send.opCode(), handler);
            }
        }

        private @Nullable Actor handlerOf(Step.Send send) {
            if (ofChannels[send.place()] != null) {
                return ofChannels[send.place()];
            }
            if (send.hasHeader() && ofHeader != null) {
                return ofHeader;
            }
            return ofOpCodes.getOrDefault(send.opCode(), ofRest);
        }

        private void end(int place, boolean byPeer) throws InterruptedException {
            expectEnd(place);
            if (byPeer) {
                channels.end(place);
            } else {
                rig.dispatcher.cut(channels.near(place));
                channels.replace(List.of(place));
            }
        }

        /// All filters hear of it, and one handler, whoever of them throws.
        private void expectEnd(int place) {
            List<Actor> all = new ArrayList<>(filters);
            Actor handler = ofChannels[place] == null ? ofRest : ofChannels[place];
            if (handler != null) {
                all.add(handler);
            }
            all.forEach(actor -> expected.add(actor.name + ": end"));
            all.stream()
                    .filter(actor -> actor.deed.fails())
                    .limit(1) // the others are suppressed by it
                    .forEach(actor -> failures.add(actor.name));
            filters.removeIf(filter -> filter.deed == Deed.LEAVE);
            ofChannels[place] = null;
        }

        void check() {
            assertThat(heard).isEqualTo(expected);
            assertThat(rig.failures.stream().map(Throwable::getMessage)).isEqualTo(failures);
            heard.clear();
            expected.clear();
        }

        void end(Ending ending) {
            assertThat(rig.dispatcher.isEnded()).isFalse();
            ending.end(rig.dispatcher);
            assertThat(rig.dispatcher.isEnded()).isTrue();
            filters.forEach(filter -> expected.add(filter.name + ": end of all"));
            check();
        }

        @Override
        public void close() {
            kept.forEach(Message::close);
            rig.close();
        }
    }
}
