package tofu.tests.net;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import tofu.engine.net.Net;
import tofu.tests.sim.SimNets;

/// TLS over the net of the simulation.
class TlsSimNetTest extends TlsNetContract {
    private final SimNets nets = new SimNets();

    @Override
    Net openBelow() {
        return nets.open();
    }

    @Override
    public SocketAddress refusingAddress() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 9);
    }
}
