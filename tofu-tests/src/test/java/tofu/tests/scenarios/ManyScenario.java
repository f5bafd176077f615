package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.Ampe;
import tofu.api.BinaryHeader;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.Received;
import tofu.tests.rigs.Running;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;

/// Many of a kind: groups, engines, channels, loops, and (virtual) threads.
class ManyScenario {
    @RegisterExtension final Stage stage = new Stage();

    @ParameterizedTest
    @EnumSource
    void manyGroupsOfOneEngineTalkToEachOther(Transport transport) {
        Ampe engine = stage.engine(o -> o);
        Peer server = stage.peerOn(engine);
        String address = server.listen(transport).address();
        List<Link> links = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            links.add(Link.open(stage.peerOn(engine), server, address));
        }
        links.forEach(link -> link.echo("of one engine"));
        links.getFirst().client().group().close();
        server.expectClosed(links.getFirst().serverChannel(), links.getFirst().helloId());
        links.subList(1, 50).forEach(Link::bye);
    }

    @ParameterizedTest
    @EnumSource
    void manyEnginesOfOneProcessShareNothing(Transport transport) {
        List<Link> links = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            links.add(stage.link(transport));
        }
        links.forEach(link -> link.echo("of many engines"));
        links.getFirst().client().ampe().close();
        links.getFirst().server().untilClosed(links.getFirst().serverChannel());
        links.subList(1, 10).forEach(link -> link.echo("still here"));
        links.subList(1, 10).forEach(Link::bye);
    }

    @ParameterizedTest
    @EnumSource
    void aMessageMayBePassedOnToAnotherEngine(Transport transport) throws Exception {
        Link first = stage.link(transport);
        Link second = stage.link(transport);
        for (int id = 1; id <= 100; id++) {
            first.client().say(OpCode.SIGNAL, first.clientChannel(), id);
            try (Message message = first.server().group().waitReceive(Peer.PATIENCE)) {
                assertThat(message).isNotNull();
                message.channel(second.clientChannel());
                second.client().group().enqueueToPeer(message);
            }
            second.server().expect(OpCode.SIGNAL, id);
        }
        first.bye();
        second.bye();
    }

    @ParameterizedTest
    @EnumSource
    void manyChannelsOfOneGroupKeepTheirOrderEach(Transport transport) {
        Peer server = stage.peer();
        Peer client = stage.peer();
        String address = server.listen(transport).address();
        int count = 100;
        List<Link> links = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            links.add(Link.open(client, server, address));
        }
        for (int id = 1; id <= 20; id++) {
            for (Link link : links) {
                client.say(OpCode.SIGNAL, link.clientChannel(), id);
            }
        }
        long[] next = new long[65_536];
        for (int i = 0; i < 20 * count; i++) {
            Received signal = server.expect(OpCode.SIGNAL);
            assertThat(signal.id()).isEqualTo(++next[signal.channel()]);
        }
        links.forEach(Link::bye);
    }

    @ParameterizedTest
    @EnumSource
    void anEngineMayHaveManyLoops(Transport transport) {
        Peer server = stage.peer(o -> o.loops(4));
        Peer client = stage.peer(o -> o.loops(4));
        assertThat(stage.engineThreads().stream().map(Thread::getName))
                .allMatch(name -> name.matches("tofu-[0-9]+-loop-[0-3]"))
                .hasSize(8)
                .doesNotHaveDuplicates();
        List<String> addresses = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            addresses.add(server.listen(transport).address());
        }
        List<Link> links = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            links.add(Link.open(client, server, addresses.get(i % 5)));
        }
        for (int round = 0; round < 20; round++) {
            links.forEach(link -> link.echo("over four loops"));
        }
        links.subList(0, 20).forEach(Link::bye);
        server.group().close();
        Set<Integer> open = new HashSet<>();
        links.subList(20, 40).forEach(link -> open.add(link.clientChannel()));
        while (!open.isEmpty()) {
            Received closed = client.next();
            assertThat(closed.status()).isEqualTo(Status.CHANNEL_CLOSED);
            assertThat(open.remove(closed.channel())).as("closed once").isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void virtualThreadsShareAGroup(Transport transport) throws Exception {
        Link link = stage.link(transport, o -> o.sendQueueMessages(64));
        int threads = 200;
        int each = 50;
        List<Future<BinaryHeader>> senders = new ArrayList<>();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int t = 0; t < threads; t++) {
                long first = (long) t * each;
                senders.add(executor.submit(() -> sendAll(link, first, each)));
            }
            Running<Boolean> receiving =
                    Running.run(() -> expectAll(link.server(), threads * each, each));
            for (Future<BinaryHeader> sender : senders) {
                sender.get();
            }
            receiving.result();
        }
        link.bye();
    }

    private static BinaryHeader sendAll(Link link, long first, int count) throws Exception {
        BinaryHeader last = null;
        for (long id = first; id < first + count; id++) {
            try (Message message = link.client().message().opCode(OpCode.SIGNAL).id(id + 1)) {
                message.channel(link.clientChannel());
                last = link.client().group().enqueueToPeer(message, Peer.PATIENCE);
            }
        }
        assertThat(last).isNotNull();
        return last;
    }

    /// Each id from 1 once, those of one thread in order.
    private static void expectAll(Peer server, int count, int each) {
        BitSet seen = new BitSet();
        for (int i = 0; i < count; i++) {
            int id = (int) server.expect(OpCode.SIGNAL).id() - 1;
            assertThat(seen.get(id)).as("twice").isFalse();
            assertThat(id % each == 0 || seen.get(id - 1)).as("in order").isTrue();
            seen.set(id);
        }
    }

    @ParameterizedTest
    @EnumSource
    void virtualThreadsMayWaitForMessages(Transport transport) throws Exception {
        Peer server = stage.peer();
        String address = server.listen(transport).address();
        List<Link> links = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            links.add(Link.open(stage.peerOn(server.ampe()), server, address));
        }
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Received>> receivers = new ArrayList<>();
            for (Link link : links) {
                receivers.add(executor.submit(() -> link.client().expect(OpCode.SIGNAL)));
            }
            for (Link link : links) {
                server.say(OpCode.SIGNAL, link.serverChannel());
            }
            for (Future<Received> receiver : receivers) {
                assertThat(receiver.get().isFromEngine()).isFalse();
            }
        }
        links.forEach(Link::bye);
    }
}
