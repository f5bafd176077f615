package tofu.engine.channel;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;
import tofu.api.OpCode;

/// Makes frames and cuts for properties.
final class Frames {
    private Frames() {}

    /// Lengths of a part: mostly short, now and then around the bounds of slots and of the field.
    static Arbitrary<Integer> lengths() {
        return Arbitraries.frequencyOf(
                Tuple.of(12, Arbitraries.integers().between(0, 60)),
                Tuple.of(4, Arbitraries.integers().between(61, 5_000)),
                Tuple.of(2, Arbitraries.of(112, 113, 304, 8_175, 8_176, 16_383, 16_384, 16_432)),
                Tuple.of(1, Arbitraries.integers().between(5_000, 65_535)),
                Tuple.of(1, Arbitraries.just(65_535)));
    }

    /// Talk: any regular frame with any marks that a peer may set.
    static Arbitrary<Frame> talk() {
        return Combinators.combine(
                        Arbitraries.of(OpCode.REQUEST, OpCode.RESPONSE, OpCode.SIGNAL),
                        Arbitraries.longs().filter(id -> id != 0),
                        Arbitraries.integers().between(0, 15).map(bits -> bits << 4),
                        Arbitraries.integers().between(0, 255),
                        lengths(),
                        lengths())
                .as(
                        (opCode, id, bits, status, headers, body) ->
                                Frame.of(opCode, id)
                                        .with(bits)
                                        .withStatus(status)
                                        .withHeaders("h".repeat(headers))
                                        .withBody(body));
    }

    /// Lengths of the pieces that a stream of bytes comes in; used again and again.
    static Arbitrary<List<Integer>> pieces() {
        return Arbitraries.frequencyOf(
                        Tuple.of(3, Arbitraries.integers().between(1, 40)),
                        Tuple.of(3, Arbitraries.integers().between(1, 2_000)),
                        Tuple.of(2, Arbitraries.integers().between(1, 200_000)))
                .list()
                .ofMinSize(1)
                .ofMaxSize(12);
    }
}
