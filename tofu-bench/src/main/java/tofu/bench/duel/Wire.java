package tofu.bench.duel;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/// Both ends of a system's connections in this JVM, for benchmarks: the threads of a group send,
/// and take or answer.
@State(Scope.Group)
public abstract class Wire implements Talk {
    /// A system and its transport.
    @Param({
        "tofu/tcp",
        "tofu/uds",
        "netty-nio-app/tcp",
        "netty-nio-app/uds",
        "netty-epoll-app/tcp",
        "netty-epoll-app/uds",
        "selector/tcp",
        "selector/uds",
        "jeromq/tcp"
    })
    String link = "";

    /// Length of a message's payload in bytes.
    @Param({"64", "1024", "16384"})
    int size;

    private final List<End> connecting = new ArrayList<>();
    private @Nullable Listening listening;
    private byte[] payload = {};

    /// The end that listens, and how to connect to it.
    private record Listening(Ends ends, Task task, End end, String place) {
        End connect() throws IOException, InterruptedException {
            return ends.connect(task, place);
        }
    }

    /// Connects both ends.
    final void open(Mode mode, int channels) throws IOException, InterruptedException {
        String[] words = link.split("/", 2);
        Path folder = Referee.newFolder();
        Ends ends = Contestants.ends(words[0]);
        Task task = new Task(words[1], mode, size, channels, 0, 0, 0, folder);
        StringBuilder place = new StringBuilder();
        End end = ends.listen(task, place::append);
        payload = new byte[size];
        listening = new Listening(ends, task, end, place.toString());
        connecting.add(connected(listening));
    }

    /// Connects in another thread, since who listens may have to answer meanwhile.
    private End connected(Listening listening) throws IOException, InterruptedException {
        FutureTask<End> client = new FutureTask<>(listening::connect);
        Thread.ofPlatform().name("connect").start(client);
        while (!client.isDone()) {
            listening.end().take(this);
        }
        try {
            return client.get();
        } catch (ExecutionException e) {
            throw new IOException("cannot connect", e);
        }
    }

    /// Closes both ends.
    final void close() {
        connecting.forEach(End::close);
        listening().end().close();
        Referee.delete(listening().task().folder());
    }

    /// The end that has connected.
    final End client() {
        return connecting.getFirst();
    }

    /// The end that listens.
    final End server() {
        return listening().end();
    }

    /// An end for one thread of several that send.
    final synchronized End sender() throws IOException, InterruptedException {
        if (listening().ends().areShared()) {
            return client();
        }
        End own = listening().connect();
        connecting.add(own);
        return own;
    }

    private Listening listening() {
        return Objects.requireNonNull(listening);
    }

    final byte[] payload() {
        return payload;
    }

    @Override
    public void received(long sequence, int length) {
        if (length != size) {
            throw new IllegalStateException(length + " bytes where there should be " + size);
        }
    }

    @Override
    public byte[] next(long sequence) {
        return payload;
    }
}
