package measured;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Group;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.Control;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;

/** Asks and answers over TCP, with both engines in one JVM. */
@State(Scope.Group)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class EchoBenchmark {
    private static final Duration MOMENT = Duration.ofMillis(100);

    private final byte[] question = new byte[64];
    private Ampe server;
    private Ampe client;
    private ChannelGroup serving;
    private ChannelGroup asking;
    private int channel;

    @Setup
    public void connect() throws InterruptedException {
        server = Ampe.open();
        client = Ampe.open();
        serving = server.create();
        asking = client.create();
        serving.enqueueToPeer(server.get().listenOn(new Address.TcpServer("127.0.0.1", 0)));
        try (Message welcome = serving.waitReceive()) {
            Address.Client place = Address.connectTo(Address.parse(welcome).toString());
            channel = asking.enqueueToPeer(client.get().connectTo(place)).channel();
        }
        turnRound(serving.waitReceive()); // the hello
        asking.waitReceive().close(); // its answer
    }

    @TearDown
    public void close() {
        client.close();
        server.close();
    }

    // @start region="group"
    /** One thread of the group asks, and waits for the answer: this is what counts. */
    @Benchmark
    @Group("echo")
    public void ask(Control control) throws InterruptedException {
        try (Message message = client.get()) {
            message.opCode(OpCode.REQUEST).channel(channel).body().append(question);
            asking.enqueueToPeer(message);
        }
        Message answer = asking.waitReceive(MOMENT);
        while (answer == null && !control.stopMeasurement) { // who answers may have stopped
            answer = asking.waitReceive(MOMENT);
        }
        if (answer != null) {
            answer.close();
        }
    }

    /** The other one answers. */
    @Benchmark
    @Group("echo")
    public void answer(Control control) throws InterruptedException {
        Message request = serving.waitReceive(MOMENT);
        while (request == null && !control.stopMeasurement) { // who asks may have stopped
            request = serving.waitReceive(MOMENT);
        }
        if (request != null) {
            turnRound(request);
        }
    }

    // @end

    private void turnRound(Message message) {
        try (message) {
            message.opCode(message.opCode().echo());
            serving.enqueueToPeer(message);
        }
    }
}
