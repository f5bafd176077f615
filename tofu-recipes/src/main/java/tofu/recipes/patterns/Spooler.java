package tofu.recipes.patterns;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tofu.api.Ampe;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;
import tofu.recipes.first.Services;
import tofu.recipes.first.Steps;

/// The heart of a print server: takes jobs from clients, has their pages rasterised by RIP workers
/// (raster image processors), and tells the clients how it goes.
///
/// - Who says hello with `role:rip` is a worker. Each gets one page at a time, as a Request, and
///   answers with the raster.
/// - A client's Request with `pages` is a job. The Response is its ticket, or has the text header
///   `refused` if the number makes no sense or too many pages wait; one Signal with `progress`
///   follows for each page, with the id of the request.
/// - When the last client has said bye and all is printed, the spooler says bye to the workers:
///   after the handshake both sides are peers.
public final class Spooler implements Services {
    /// A job, from the ticket to the last page.
    private static final class Job {
        private final int client;
        private final long requestId;
        private final int pages;
        private int printed;

        /// Another client may have its number by now.
        private boolean clientGone;

        Job(int client, long requestId, int pages) {
            this.client = client;
            this.requestId = requestId;
            this.pages = pages;
        }
    }

    /// A page that is to be rasterised.
    private record Page(Job job, int number) {}

    /// How many pages may wait for a worker, of all jobs together.
    private static final int MAX_WAITING_PAGES = 10_000;

    private final Set<Integer> clients = new LinkedHashSet<>();
    private final Set<Integer> workers = new LinkedHashSet<>();
    private final Deque<Integer> idle = new ArrayDeque<>();
    private final Deque<Page> pages = new ArrayDeque<>();
    private final Map<Integer, Page> atWorker = new HashMap<>();
    private @Nullable Ampe ampe;
    private @Nullable ChannelGroup group;
    private int tickets;

    @Override
    public void start(Ampe ampe, ChannelGroup sendTo) {
        this.ampe = ampe;
        this.group = sendTo;
    }

    @Override
    public boolean onMessage(Message message) throws InterruptedException {
        int peer = message.channel();
        if (message.endsChannel()) {
            leave(peer);
        } else if (message.origin() == Origin.APPLICATION) {
            switch (message.opCode()) {
                case HELLO_REQUEST -> greet(message);
                case REQUEST -> accept(message);
                case RESPONSE -> print(peer);
                case BYE_REQUEST -> Steps.tryAnswer(group(), message);
                default -> {} // a worker's ByeResponse
            }
        }
        return true;
    }

    private void greet(Message hello) throws InterruptedException {
        boolean worker = "rip".equals(hello.headers().first("role"));
        (worker ? workers : clients).add(hello.channel());
        if (worker) {
            idle.add(hello.channel());
        }
        Steps.tryAnswer(group(), hello);
        feedWorkers();
    }

    private void accept(Message request) throws InterruptedException {
        int count = pageCount(request.headers().first("pages"));
        if (count < 1 || count > MAX_WAITING_PAGES - pages.size()) {
            request.headers().append("refused", "1 to " + MAX_WAITING_PAGES + " pages in all");
            Steps.tryAnswer(group(), request);
            return;
        }
        Job job = new Job(request.channel(), request.id(), count);
        request.headers().append("ticket", Integer.toString(++tickets));
        Steps.tryAnswer(group(), request);
        for (int number = 1; number <= count; number++) {
            pages.add(new Page(job, number));
        }
        feedWorkers();
    }

    /// What a peer says is a number; 0 if it is none.
    private static int pageCount(@Nullable String text) {
        try {
            return text == null ? 0 : Integer.parseInt(text);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    private void feedWorkers() throws InterruptedException {
        while (!idle.isEmpty() && !pages.isEmpty()) {
            int worker = idle.remove();
            Page page = pages.remove();
            atWorker.put(worker, page);
            try (Message request = Objects.requireNonNull(ampe).get()) {
                request.opCode(OpCode.REQUEST).channel(worker);
                request.body().append("page " + page.number() + " of " + page.job().pages);
                Steps.trySend(group(), request); // if it is gone, its end brings the page back
            }
        }
    }

    /// A page is ready: to the printer with it, and a word to the client.
    private void print(int worker) throws InterruptedException {
        Page page = atWorker.remove(worker);
        if (page == null) {
            return; // whoever that is, it was not asked
        }
        Job job = page.job();
        job.printed++;
        if (!job.clientGone) {
            try (Message signal = Objects.requireNonNull(ampe).get()) {
                signal.opCode(OpCode.SIGNAL).channel(job.client).id(job.requestId);
                signal.headers().append("progress", job.printed + "/" + job.pages);
                Steps.trySend(group(), signal);
            }
        }
        idle.add(worker);
        feedWorkers();
        byeWhenDone();
    }

    /// Somebody is gone; a page that a worker had goes to the next, and nobody hears of the jobs.
    private void leave(int peer) throws InterruptedException {
        Stream.concat(pages.stream(), atWorker.values().stream())
                .map(Page::job)
                .filter(job -> job.client == peer)
                .forEach(job -> job.clientGone = true);
        workers.remove(peer);
        idle.remove(peer);
        Page page = atWorker.remove(peer);
        if (page != null) {
            pages.addFirst(page);
            feedWorkers();
        }
        clients.remove(peer);
        byeWhenDone();
    }

    private void byeWhenDone() throws InterruptedException {
        if (clients.isEmpty() && tickets > 0 && pages.isEmpty() && atWorker.isEmpty()) {
            for (int worker : workers) {
                try (Message bye = Objects.requireNonNull(ampe).get()) {
                    Steps.trySend(group(), bye.opCode(OpCode.BYE_REQUEST).channel(worker));
                }
            }
            workers.clear();
        }
    }

    private ChannelGroup group() {
        return Objects.requireNonNull(group);
    }

    @Override
    public void stop() {
        pages.clear();
    }
}
