package tofu.bench.duel;

import java.io.IOException;
import java.util.function.Consumer;

/// A system whose application has threads of its own: what these do is the same for all.
record Threaded(Ends ends) implements Contestant {
    @Override
    public void serve(Task task, Meter meter, Consumer<String> listening)
            throws IOException, InterruptedException {
        Talk talk = new MeteredTalk(task, meter);
        try (End end = ends.listen(task, listening)) {
            if (task.isOneWay()) {
                while (true) {
                    end.take(talk);
                }
            }
            while (true) {
                end.answer(talk);
            }
        }
    }

    @Override
    public void drive(Task task, Meter meter, String place)
            throws IOException, InterruptedException {
        try (End end = ends.connect(task, place)) {
            int senders = task.mode().senders();
            for (int i = 1; i < senders; i++) {
                int lane = i;
                Thread.ofPlatform().name("sender-" + i).start(() -> flood(end, task, meter, lane));
            }
            MeteredTalk talk = new MeteredTalk(task, meter);
            if (senders > 1) {
                flood(end, task, meter, 0);
            } else if (task.mode() == Mode.HANDSHAKES) {
                connectWithoutEnd(end, talk);
            } else if (task.isOneWay()) {
                flood(end, talk, task.channels());
            } else {
                converse(end, talk, task);
            }
        }
    }

    /// Sends without end, to each channel in turn.
    private static void flood(End end, MeteredTalk talk, int channels)
            throws IOException, InterruptedException {
        while (true) {
            for (int channel = 0; channel < channels; channel++) {
                send(end, channel, talk.first(channel));
            }
        }
    }

    /// Sends without end to the only channel, as one of several threads.
    private static void flood(End end, Task task, Meter meter, int lane) {
        MeteredTalk talk = new MeteredTalk(task, meter);
        try {
            while (true) {
                send(end, 0, talk.first(lane));
            }
        } catch (IOException | InterruptedException e) {
            Side.fail(e);
        }
    }

    /// Sends a window of messages to each channel, then one for each that comes back.
    private static void converse(End end, MeteredTalk talk, Task task)
            throws IOException, InterruptedException {
        for (int i = 0; i < task.mode().window(); i++) {
            for (int channel = 0; channel < task.channels(); channel++) {
                send(end, channel, talk.first(channel));
            }
        }
        while (true) {
            end.converse(talk);
        }
    }

    /// Makes one connection after the other; a message goes there and back on each.
    private static void connectWithoutEnd(End end, MeteredTalk talk)
            throws IOException, InterruptedException {
        while (true) {
            send(end, 0, talk.first(0));
            boolean taken = end.take(talk);
            while (!taken) {
                taken = end.take(talk);
            }
            end.reconnect();
        }
    }

    private static void send(End end, int channel, byte[] payload)
            throws IOException, InterruptedException {
        boolean sent = end.send(channel, payload);
        while (!sent) {
            sent = end.send(channel, payload);
        }
    }
}
