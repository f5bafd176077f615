package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.RandomDistribution;
import tofu.engine.fuzz.FuzzTarget;

/// The connections of the fuzzer's corpus, cut everywhere: each cut gives the verdict of one piece.
/// [FrameFuzz] checks the frames.
class FrameCutProperties {
    /// A connection up to this length is cut in every place, a longer one at random.
    private static final int SHORT = 2_000;

    private static final List<byte[]> CORPUS =
            FuzzTarget.FRAMES.corpus().stream().map(FuzzTarget::bytes).toList();

    private final FrameFuzz fuzz = new FrameFuzz();

    private static boolean isShort(byte[] input) {
        return new FrameScript(input).stream.length <= SHORT;
    }

    @Example
    void everyCutOfAShortConnectionGivesTheSameVerdict() {
        int cuts = 0;
        for (byte[] input : CORPUS) {
            int length = isShort(input) ? new FrameScript(input).stream.length : 0;
            NaiveCodec.Verdict whole = fuzz.run(new FrameScript(input, new int[0]));
            for (int cut = 1; cut < length; cut++) {
                assertThat(fuzz.run(new FrameScript(input, new int[] {cut}))).isEqualTo(whole);
                cuts++;
            }
        }
        assertThat(cuts).isGreaterThan(1_000);
    }

    @Example
    void everyTwoCutsOfAHandshakeAndAByeGiveTheSameVerdict() {
        byte[] hello = Frame.encode(Frame.helloRequest(1), Frame.byeRequest(2), Frame.request(3));
        byte[] input = new byte[2 + hello.length];
        System.arraycopy(hello, 0, input, 2, hello.length);
        for (int first = 1; first < hello.length; first++) {
            for (int second = first + 1; second < hello.length; second++) {
                int[] cuts = {first, second};
                assertThat(fuzz.run(new FrameScript(input, cuts)))
                        .isEqualTo(NaiveCodec.Verdict.REFUSED);
            }
        }
    }

    @Provide
    Arbitrary<byte[]> connections() {
        return Arbitraries.of(CORPUS);
    }

    /// Distances between cuts, mostly small.
    @Provide
    Arbitrary<List<Integer>> distances() {
        return Arbitraries.integers()
                .between(1, 140_000)
                .withDistribution(RandomDistribution.biased())
                .list()
                .ofMinSize(1)
                .ofMaxSize(40);
    }

    @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
    void anyCutsOfAnyConnectionGiveTheSameVerdict(
            @ForAll("connections") byte[] input, @ForAll("distances") List<Integer> distances) {
        NaiveCodec.Verdict whole = fuzz.run(new FrameScript(input, new int[0]));
        List<Integer> cuts = new ArrayList<>();
        int length = new FrameScript(input).stream.length;
        int cut = 0;
        for (int distance : distances) {
            cut += distance;
            if (cut < length) {
                cuts.add(cut);
            }
        }
        int[] places = cuts.stream().mapToInt(i -> i).toArray();
        assertThat(fuzz.run(new FrameScript(input, places)))
                .as("cut at " + Arrays.toString(places))
                .isEqualTo(whole);
    }
}
