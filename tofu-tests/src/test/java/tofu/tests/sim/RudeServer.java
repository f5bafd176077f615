package tofu.tests.sim;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A server without an engine, that treats its clients as a [RudeClient] treats its servers.
///
/// Thread: one.
final class RudeServer extends App {
    private static final int BACKLOG = 4;

    private final World world;
    private final Choices choices;
    private final List<RudePeer> peers = new ArrayList<>();
    private @Nullable SimAcceptor acceptor;

    RudeServer(World world, Choices choices) {
        this.world = world;
        this.choices = choices;
    }

    @Override
    void act() {
        peers.removeIf(RudePeer::isGone);
        try {
            if (acceptor == null) {
                listen();
            } else if (choices.oneIn(20)) {
                acceptor.close();
                acceptor = null;
            } else {
                SimStream stream = acceptor.take();
                if (stream != null) {
                    peers.add(new RudePeer(stream, false, choices));
                }
            }
        } catch (IOException e) {
            world.note(() -> "a rude server fails: " + e);
        }
        if (!peers.isEmpty()) {
            choices.of(peers).act();
        }
    }

    private void listen() throws IOException {
        SocketAddress address = world.aDoor().unresolved();
        if (!(address instanceof InetSocketAddress inet && inet.isUnresolved())) {
            acceptor = world.network().listen(address, BACKLOG, ops -> {}, Jvm.sound());
        }
    }

    @Override
    void calmDown() {
        peers.forEach(RudePeer::leave);
        if (acceptor != null) {
            acceptor.close();
        }
    }

    @Override
    void checkCalm() {
        peers.forEach(RudePeer::checkCut);
    }
}
