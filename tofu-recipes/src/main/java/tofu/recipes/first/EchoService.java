package tofu.recipes.first;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import tofu.api.Ampe;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;

/// The simplest service: what it is sent, it sends back.
public final class EchoService implements Services {
    private final AtomicLong echoes = new AtomicLong();
    private @Nullable ChannelGroup sendTo;

    /// Requests and signals that were sent back.
    public long echoes() {
        return echoes.get();
    }

    @Override
    public void start(Ampe ampe, ChannelGroup sendTo) {
        this.sendTo = sendTo;
    }

    @Override
    public boolean onMessage(Message message) throws InterruptedException {
        ChannelGroup group = sendTo;
        if (group == null) {
            return false;
        }
        if (message.origin() == Origin.ENGINE || message.opCode().role() == OpCode.Role.RESPONSE) {
            return true; // nothing to answer
        }
        boolean counts = message.opCode().type() == OpCode.Type.REGULAR;
        if (Steps.tryAnswer(group, message) && counts) {
            echoes.incrementAndGet();
        }
        return true;
    }

    @Override
    public void stop() {
        sendTo = null;
    }
}
