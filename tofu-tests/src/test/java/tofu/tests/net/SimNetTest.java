package tofu.tests.net;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import tofu.engine.net.Net;
import tofu.tests.sim.SimNets;

/// The net of the simulation keeps the contract of a real one, so that it cannot drift.
class SimNetTest extends NetContract {
    private final SimNets nets = new SimNets();

    @Override
    public Net openNet() {
        return nets.open();
    }

    @Override
    public SocketAddress freshAddress() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    @Override
    public SocketAddress refusingAddress() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 9);
    }
}
