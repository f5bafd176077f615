package tofu.bench.duel;

import java.util.function.Consumer;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Origin;

/// This library, used through its public API only.
record TofuEnds(Options options) implements Ends {
    @Override
    public End listen(Task task, Consumer<String> listening) throws InterruptedException {
        Ampe ampe = Ampe.open(options);
        ChannelGroup group = ampe.create();
        Address.Server address =
                task.isTcp()
                        ? new Address.TcpServer("127.0.0.1", 0)
                        : new Address.UdsServer(task.socketFile().toString());
        group.enqueueToPeer(ampe.get().listenOn(address));
        try (Message welcome = group.waitReceive()) {
            if (welcome.opCode() != OpCode.WELCOME_RESPONSE) {
                throw new IllegalStateException("cannot listen: " + welcome);
            }
            listening.accept(Address.parse(welcome).toString());
        }
        return new TofuEnd(ampe, group, OpCode.SIGNAL);
    }

    @Override
    public End connect(Task task, String place) throws InterruptedException {
        Ampe ampe = Ampe.open(options);
        ChannelGroup group = ampe.create();
        for (int i = 0; i < task.idle(); i++) {
            connect(ampe, group, place);
        }
        int[] channels = new int[task.channels()];
        for (int i = 0; i < channels.length; i++) {
            channels[i] = connect(ampe, group, place);
        }
        OpCode opCode = task.isOneWay() ? OpCode.SIGNAL : OpCode.REQUEST;
        return new TofuEnd(ampe, group, opCode, channels);
    }

    private static int connect(Ampe ampe, ChannelGroup group, String place)
            throws InterruptedException {
        int channel = group.enqueueToPeer(ampe.get().connectTo(Address.connectTo(place))).channel();
        try (Message hello = group.waitReceive()) {
            if (hello.opCode() != OpCode.HELLO_RESPONSE || hello.origin() == Origin.ENGINE) {
                throw new IllegalStateException("cannot connect: " + hello);
            }
        }
        return channel;
    }
}
