package tofu.engine.channel;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import tofu.api.OpCode;
import tofu.engine.channel.StreamWorld.Step;

/// Any sequence of inputs: the [StreamWorld] checks after each what must always hold.
class StreamProperties {
    private static Arbitrary<Frame> frames(OpCode... opCodes) {
        return Combinators.combine(
                        Arbitraries.of(opCodes),
                        Arbitraries.integers().between(0, 3),
                        Arbitraries.frequencyOf(
                                Tuple.of(8, Arbitraries.integers().between(0, 40)),
                                Tuple.of(2, Arbitraries.integers().between(0, 3_000)),
                                Tuple.of(1, Arbitraries.integers().between(0, 60_000))))
                .as(
                        (opCode, urgent, length) ->
                                Frame.of(opCode, 1)
                                        .with(urgent == 0 ? Frame.OUT_OF_BAND : 0)
                                        .withBody(length));
    }

    /// What an application posts: talk mostly, and now and then a bye.
    private static Arbitrary<Step> posts() {
        return Arbitraries.frequencyOf(
                        Tuple.of(12, frames(OpCode.REQUEST, OpCode.RESPONSE, OpCode.SIGNAL)),
                        Tuple.of(1, frames(OpCode.BYE_REQUEST)),
                        Tuple.of(1, frames(OpCode.BYE_RESPONSE)),
                        Tuple.of(1, Arbitraries.just(Frame.byeSignal(1))))
                .map(Step.Post::new);
    }

    /// What a peer sends: talk mostly, the hello that it owes, and now and then a bye or nonsense.
    private static Arbitrary<Step> peerFrames() {
        return Arbitraries.frequencyOf(
                        Tuple.of(16, frames(OpCode.REQUEST, OpCode.RESPONSE, OpCode.SIGNAL)),
                        Tuple.of(2, frames(OpCode.HELLO_REQUEST, OpCode.HELLO_RESPONSE)),
                        Tuple.of(1, frames(OpCode.BYE_REQUEST)),
                        Tuple.of(1, frames(OpCode.BYE_RESPONSE)),
                        Tuple.of(1, frames(OpCode.WELCOME_REQUEST, OpCode.BYE_SIGNAL)))
                .map(Step.PeerSends::new);
    }

    private static Arbitrary<Integer> bytes() {
        return Arbitraries.frequencyOf(
                Tuple.of(2, Arbitraries.integers().between(1, 40)),
                Tuple.of(2, Arbitraries.integers().between(1, 4_000)),
                Tuple.of(1, Arbitraries.just(1_000_000)));
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Integer> few = Arbitraries.integers().between(1, 6);
        Arbitrary<Step> step =
                Arbitraries.frequencyOf(
                        Tuple.of(30, posts()),
                        Tuple.of(20, peerFrames()),
                        Tuple.of(30, bytes().map(Step.Read::new)),
                        Tuple.of(30, bytes().map(Step.Write::new)),
                        Tuple.of(15, Arbitraries.just(new Step.Turn())),
                        Tuple.of(15, few.map(Step.Take::new)),
                        Tuple.of(8, Arbitraries.just(new Step.Connect())),
                        Tuple.of(4, Arbitraries.just(new Step.Drain())),
                        Tuple.of(8, Arbitraries.just(new Step.Refill())),
                        Tuple.of(8, Arbitraries.integers().between(1, 25).map(Step.Pass::new)),
                        Tuple.of(1, Arbitraries.of(StreamWorld.Event.class).map(Step.Happen::new)));
        return step.list().ofMinSize(1).ofMaxSize(120);
    }

    @Property(tries = 1_500, edgeCases = EdgeCasesMode.NONE)
    void aClientKeepsItsPromisesWhateverHappens(@ForAll("steps") List<Step> steps) {
        run(true, steps);
    }

    @Property(tries = 1_500, edgeCases = EdgeCasesMode.NONE)
    void aServerKeepsItsPromisesWhateverHappens(@ForAll("steps") List<Step> steps) {
        run(false, steps);
    }

    private static void run(boolean client, List<Step> steps) {
        try (StreamWorld world = new StreamWorld(client)) {
            steps.forEach(world::take);
            world.end();
        }
    }
}
