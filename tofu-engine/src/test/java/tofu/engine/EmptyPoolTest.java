package tofu.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import tofu.api.ChannelGroup;
import tofu.engine.channel.Frame;

/// The news of an empty pool, where several loops share the pool: each group is told once per
/// episode of the engine.
class EmptyPoolTest {
    private static final int PORT = 7099;
    private static final int MESSAGES = 8;
    private static final String NEWS = "notice POOL_EMPTY of 0";

    /// A group with a peer on each of two loops.
    private static final class Pair {
        final ChannelGroup group;
        final FakeStream onSecond;
        final FakeStream onFirst;

        Pair(EngineRig rig, int port) throws Exception {
            group = rig.create();
            rig.listen(group, port); // on the first loop, so that the next channel is on the second
            onSecond = rig.greet(group, port);
            onFirst = rig.greet(group, port);
            rig.greet(group, port);
        }

        List<String> receive() throws InterruptedException {
            return EngineRig.receive(group);
        }
    }

    private static EngineRig rig() {
        return new EngineRig(EngineRig.options().loops(2).maxPoolMessages(MESSAGES).build());
    }

    private static void stepFirst(EngineRig rig) throws IOException {
        rig.engine.loops().get(0).step(0);
    }

    private static void stepSecond(EngineRig rig) throws IOException {
        rig.engine.loops().get(1).step(0);
    }

    /// Gives everything back, and lets all be read.
    private static void recover(EngineRig rig) throws IOException {
        rig.release(MESSAGES);
        rig.run();
    }

    @Test
    void aGroupIsToldOnceThoughTwoLoopsStarve() throws Exception {
        try (EngineRig rig = rig()) {
            Pair pair = new Pair(rig, PORT);
            rig.drain(MESSAGES);
            pair.onFirst.send(Frame.request(2));
            pair.onSecond.send(Frame.request(3));
            rig.run();
            assertThat(pair.receive()).containsExactly(NEWS);

            recover(rig);
            assertThat(pair.receive()).containsExactlyInAnyOrder("REQUEST 2", "REQUEST 3");
        }
    }

    @Test
    void eachGroupIsToldWhicheverLoopFindsOut() throws Exception {
        try (EngineRig rig = rig()) {
            Pair one = new Pair(rig, PORT);
            Pair two = new Pair(rig, PORT + 1);
            rig.drain(MESSAGES);
            one.onFirst.send(Frame.request(2));
            two.onSecond.send(Frame.request(3));
            rig.run();
            two.onFirst.send(Frame.request(4)); // parked
            one.onSecond.send(Frame.request(5));
            rig.run();
            assertThat(one.receive()).containsExactly(NEWS);
            assertThat(two.receive()).containsExactly(NEWS);

            recover(rig);
            assertThat(one.receive()).containsExactlyInAnyOrder("REQUEST 2", "REQUEST 5");
            assertThat(two.receive()).containsExactlyInAnyOrder("REQUEST 3", "REQUEST 4");
        }
    }

    @Test
    void theNextEpisodeIsNewsOnAnyLoop() throws Exception {
        try (EngineRig rig = rig()) {
            Pair pair = new Pair(rig, PORT);
            for (int episode = 0; episode < 4; episode++) {
                rig.drain(MESSAGES);
                (episode % 2 == 0 ? pair.onFirst : pair.onSecond).send(Frame.request(2));
                rig.run();
                assertThat(pair.receive()).containsExactly(NEWS);
                recover(rig);
                assertThat(pair.receive()).containsExactly("REQUEST 2");
                rig.run();
            }
        }
    }

    @Test
    void anEpisodeLastsAsLongAsAnyLoopStarves() throws Exception {
        try (EngineRig rig = rig()) {
            Pair pair = new Pair(rig, PORT);
            rig.drain(MESSAGES);
            pair.onFirst.send(Frame.request(2));
            pair.onSecond.send(Frame.request(3));
            rig.run();
            rig.release(MESSAGES);
            stepFirst(rig);
            assertThat(pair.receive()).containsExactly(NEWS, "REQUEST 2");
            stepFirst(rig); // all is free, but the second loop has not looked yet
            rig.drain(MESSAGES);
            pair.onFirst.send(Frame.request(4));
            rig.run();
            assertThat(pair.receive()).as("no news").isEmpty();

            recover(rig);
            assertThat(pair.receive()).containsExactlyInAnyOrder("REQUEST 3", "REQUEST 4");
            rig.run();
            rig.drain(MESSAGES);
            pair.onSecond.send(Frame.request(5));
            rig.run();
            assertThat(pair.receive()).containsExactly(NEWS);
        }
    }

    @Test
    void aLoopThatDoesNotStarveEndsTheEpisodeOfAnother() throws Exception {
        try (EngineRig rig = rig()) {
            Pair pair = new Pair(rig, PORT);
            rig.drain(MESSAGES);
            pair.onFirst.send(Frame.request(2));
            rig.run();
            rig.release(1);
            rig.run();
            assertThat(pair.receive()).containsExactly(NEWS, "REQUEST 2");
            rig.release(MESSAGES);
            stepSecond(rig);
            rig.drain(MESSAGES);
            pair.onFirst.send(Frame.request(3));
            rig.run();
            assertThat(pair.receive()).containsExactly(NEWS);
        }
    }

    @Test
    void anEpisodeEndsThoughNoLoopHasATurn() throws Exception {
        try (EngineRig rig = rig()) {
            Pair pair = new Pair(rig, PORT);
            for (int episode = 0; episode < 3; episode++) {
                rig.drain(MESSAGES);
                pair.onFirst.send(Frame.request(2));
                rig.run();
                rig.release(1);
                rig.run();
                assertThat(pair.receive()).containsExactly(NEWS, "REQUEST 2");
                rig.run();
                rig.release(MESSAGES);
            }
        }
    }

    @Test
    void aPoolThatDoesNotRecoverIsNoNews() throws Exception {
        try (EngineRig rig = rig()) {
            Pair pair = new Pair(rig, PORT);
            rig.drain(MESSAGES);
            pair.onFirst.send(Frame.request(2));
            rig.run();
            assertThat(pair.receive()).containsExactly(NEWS);
            for (int id = 3; id < 10; id++) {
                rig.release(2); // one for the message that waits
                rig.run();
                rig.drain(MESSAGES);
                pair.onSecond.send(Frame.request(id));
                rig.run();
                assertThat(pair.receive()).containsExactly("REQUEST " + (id - 1));
                rig.run();
            }
            recover(rig);
        }
    }
}
