package tofu.kit;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import tofu.api.Address;
import tofu.api.Message;
import tofu.api.Status;

/// What a [Connector.Builder] was told.
record ConnectorSettings(
        List<Address.Client> addresses,
        Backoff backoff,
        Duration helloTimeout,
        Consumer<Message> hello,
        Handler handler,
        IntConsumer onUp,
        Consumer<Status> onDown) {}
