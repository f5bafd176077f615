package tofu.tests.sim;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;

/// Peers that connect without an engine: they say hello or do not, speak out of turn, send garbage
/// and halves of frames, never read, and go when they like.
///
/// Thread: one.
final class RudeClient extends App {
    private static final int MOST = 3;

    private final World world;
    private final Choices choices;
    private final List<RudePeer> peers = new ArrayList<>();

    RudeClient(World world, Choices choices) {
        this.world = world;
        this.choices = choices;
    }

    @Override
    void act() {
        peers.removeIf(RudePeer::isGone);
        if (peers.size() < MOST && choices.oneIn(3)) {
            dial();
        } else if (!peers.isEmpty()) {
            choices.of(peers).act();
        }
    }

    private void dial() {
        SocketAddress address = world.anAddress().unresolved();
        if (address instanceof InetSocketAddress inet && inet.isUnresolved()) {
            return;
        }
        try {
            peers.add(new RudePeer(world.network().dial(address), true, choices));
        } catch (IOException e) {
            world.note(() -> "a rude client cannot connect to " + address + ": " + e);
        }
    }

    @Override
    void calmDown() {
        peers.forEach(RudePeer::leave);
    }

    @Override
    void checkCalm() {
        peers.forEach(RudePeer::checkCut);
    }
}
