package tofu.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.Address;
import tofu.api.AmpeException;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Status;

/// What becomes of news for a subscriber that does not read.
@Timeout(60)
class TopicsTest {
    private static final int WAITING = 4;

    private Rig rig;

    @SuppressWarnings("NullAway.Init") // each test makes its own, most by start()
    private Topics topics;

    @SuppressWarnings("NullAway.Init") // likewise
    private Server server;

    private int slow;
    private int publisher;

    @BeforeEach
    void open() throws InterruptedException {
        rig = new Rig(Options.builder().sendQueueMessages(4).receiveWindowMessages(16).build());
    }

    @AfterEach
    void close() {
        assertThat(rig.failures).isEmpty();
        rig.close();
    }

    private void start(Slow policy) throws InterruptedException {
        start(policy, Topics.Limits.builder().waitingPerPeer(WAITING).build());
    }

    private void start(Slow policy, Topics.Limits limits) throws InterruptedException {
        topics = new Topics(rig.dispatcher, policy, limits);
        server =
                Server.builder(rig.dispatcher)
                        .listenOn(Rig.fresh())
                        .sessions((peer, hello) -> topics.session(peer))
                        .start();
        Address.Client address = rig.address(server);
        slow = rig.farConnect(address);
        publisher = rig.farConnect(address);
        long id = rig.farAsk(slow, Topics.SUBSCRIBE, "news", "");
        try (Message answer = rig.farNext(OpCode.RESPONSE, slow)) {
            assertThat(answer.id()).isEqualTo(id);
        }
    }

    /// Announces so much that the subscriber, who does not read meanwhile, must miss something.
    private int flood() throws InterruptedException {
        int count = 0;
        while (topics.missed() < 10) {
            try (Message news = rig.message()) {
                news.headers().append("number", Integer.toString(count++));
                news.body().append(new byte[60_000]);
                topics.publish("news", news);
            }
            rig.dispatcher.turn(0);
            assertThat(count).isLessThan(100_000);
        }
        return count;
    }

    private List<Integer> received(int last) throws InterruptedException {
        List<Integer> numbers = new ArrayList<>();
        while (!numbers.contains(last)) {
            numbers.add(number());
        }
        return numbers;
    }

    private int number() throws InterruptedException {
        try (Message news = rig.farNext(OpCode.SIGNAL, slow)) {
            return Integer.parseInt(news.headers().first("number"));
        }
    }

    @Test
    void theOldestMakesRoom() throws Exception {
        start(Slow.DROP_OLDEST);
        int count = flood();
        List<Integer> numbers = received(count - 1);
        assertThat(numbers).isSorted().doesNotHaveDuplicates().startsWith(0);
        assertThat(numbers).hasSize(count - (int) topics.missed());
    }

    @Test
    void theNewestIsDropped() throws Exception {
        start(Slow.DROP_NEWEST);
        int count = flood();
        int kept = count - (int) topics.missed();
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < kept; i++) {
            numbers.add(number());
        }
        assertThat(numbers).isSorted().doesNotHaveDuplicates().startsWith(0);
        try (Message news = rig.message()) {
            news.headers().append("number", "1000000");
            topics.publish("news", news);
        }
        assertThat(number()).isEqualTo(1_000_000);
    }

    @Test
    void theSlowOneIsCutOff() throws Exception {
        start(Slow.DISCONNECT);
        for (int i = 0; topics.missed() == 0; i++) {
            try (Message news = rig.message()) {
                news.body().append(new byte[60_000]);
                topics.publish("news", news);
            }
            rig.dispatcher.turn(0);
            assertThat(i).isLessThan(100_000);
        }
        rig.until("gone", () -> server.peers() == 1);
        try (Message news = rig.message()) {
            CompletableFuture<Integer> sent = topics.publish("news", news);
            rig.until("sent", sent::isDone);
            assertThat(sent.join()).isZero();
        }
    }

    @Test
    void thePublisherWaits() throws Exception {
        start(Slow.WAIT);
        waitUntilRefused(WAITING, "no more than 4 messages that wait for one peer");
    }

    @Test
    void thePublisherIsRefusedByBytesToo() throws Exception {
        long two = Options.MAX_MESSAGE_BYTES;
        start(Slow.WAIT, Topics.Limits.builder().waitingBytesPerPeer(two).build());
        waitUntilRefused(2, "no more than 131086 bytes of messages that wait for one peer");
    }

    /// Publishes until so many wait, and one more.
    private void waitUntilRefused(int most, String refusal) throws Exception {
        // In a group of its own, since the far one does not read.
        ChannelGroup others = rig.ampe.create();
        int channel = connect(others);
        int asked = 0;
        int answered = 0;
        boolean waits = false;
        while (!waits) {
            publishBig(others, channel);
            asked++;
            Message answer = soon(others);
            waits = answer == null;
            if (answer != null) {
                answered++;
                answer.close();
            }
            assertThat(asked).isLessThan(1_000);
        }
        for (int i = 0; i < most - 1; i++) {
            publishBig(others, channel);
            asked++;
            assertThat(soon(others)).isNull();
        }
        publishBig(others, channel); // as many wait as may
        try (Message refused = Objects.requireNonNull(soon(others))) {
            assertThat(refused.headers().first(Topics.REFUSED)).isEqualTo(refusal);
        }
        for (int i = 0; i < asked; i++) {
            rig.farNext(OpCode.SIGNAL, slow).close(); // it reads all that was not refused
        }
        for (int i = answered; i < asked; i++) {
            try (Message answer = Objects.requireNonNull(soon(others))) {
                assertThat(answer.headers().first(Topics.REFUSED)).isNull();
            }
        }
        assertThat(topics.missed()).isZero();
    }

    /// What the loop has not come to yet is memory, too.
    @Test
    void ourOwnNewsHaveABoundInBytes() throws Exception {
        long two = Options.MAX_MESSAGE_BYTES;
        start(Slow.DROP_NEWEST, Topics.Limits.builder().newsBytes(two).build());
        for (int round = 0; round < 3; round++) {
            announceBig();
            announceBig();
            try (Message news = rig.message()) {
                news.body().append(new byte[60_000]);
                assertThatThrownBy(() -> topics.publish("news", news))
                        .isInstanceOfSatisfying(
                                AmpeException.class,
                                e -> assertThat(e.status()).isEqualTo(Status.INBOX_FULL))
                        .hasMessageContaining(
                                "no more than 131086 bytes of news that wait for the dispatcher");
                assertThat(news.isEmptied()).isFalse();
            }
            rig.dispatcher.turn(0);
        }
        rig.dispatcher.close();
        for (int i = 0; i < 5; i++) {
            assertThatThrownBy(this::announceBig)
                    .isInstanceOfSatisfying(
                            AmpeException.class,
                            e -> assertThat(e.status()).isEqualTo(Status.SHUTDOWN_STARTED));
        }
    }

    private void announceBig() {
        try (Message news = rig.message()) {
            news.body().append(new byte[60_000]);
            topics.publish("news", news);
        }
    }

    private int connect(ChannelGroup group) throws InterruptedException {
        try (Message hello = rig.message()) {
            group.enqueueToPeer(hello.connectTo(server.listening().join().getFirst()));
        }
        try (Message hello = Objects.requireNonNull(soon(group))) {
            return hello.channel();
        }
    }

    private void publishBig(ChannelGroup group, int channel) {
        try (Message news = rig.message()) {
            news.opCode(OpCode.REQUEST).channel(channel);
            news.headers().append(Topics.PUBLISH, "news");
            news.body().append(new byte[60_000]);
            group.enqueueToPeer(news);
        }
    }

    /// The next message of a group, if it comes before the near side has nothing to do for a while.
    private @Nullable Message soon(ChannelGroup group) throws InterruptedException {
        Message message = group.waitReceiveNanos(0);
        boolean busy = true;
        while (message == null && busy) {
            busy = rig.dispatcher.turn(Duration.ofMillis(300).toNanos());
            message = group.waitReceiveNanos(0);
        }
        return message;
    }

    @Test
    void aSubscriptionWithoutATopicIsRefusedAndASignalWithoutOneGoesToNobody() throws Exception {
        start(Slow.DROP_NEWEST);
        try (Message signal = rig.message()) {
            rig.far.enqueueToPeer(signal.opCode(OpCode.SIGNAL).channel(publisher));
        }
        long id = rig.farAsk(publisher, Topics.SUBSCRIBE, " ", ""); // read without its blank
        try (Message answer = rig.farNext(OpCode.RESPONSE, publisher)) {
            assertThat(answer.id()).isEqualTo(id);
            assertThat(answer.headers().first(Topics.REFUSED)).isNotNull();
        }
    }

    @Test
    void whatIsNotAboutTopicsIsForTheOthers() throws Exception {
        List<String> others = new ArrayList<>();
        topics = new Topics(rig.dispatcher, Slow.DROP_NEWEST);
        Session other =
                new Session() {
                    @Override
                    public void onMessage(Message message) {
                        others.add(message.body().text());
                    }

                    @Override
                    public void onEnd(Status reason) {
                        others.add("end");
                    }
                };
        server =
                Server.builder(rig.dispatcher)
                        .listenOn(Rig.fresh())
                        .sessions((peer, hello) -> topics.session(peer, other))
                        .start();
        int channel = rig.farConnect(rig.address(server));
        rig.farSend(OpCode.SIGNAL, channel, 1, "else");
        rig.farSend(OpCode.BYE_REQUEST, channel, 1, "");
        rig.until("end", () -> others.size() == 2);
        assertThat(others).containsExactly("else", "end");
    }

    @Test
    void whoMayNotWaitCannotBeWaitedFor() {
        Topics.Limits limits = Topics.Limits.builder().waitingPerPeer(0).build();
        assertThatThrownBy(() -> new Topics(rig.dispatcher, Slow.WAIT, limits))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(new Topics(rig.dispatcher, Slow.DISCONNECT, limits).missed()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a\nb", " news", "news\t"})
    void ourOwnNewsNeedATopic(String topic) throws Exception {
        start(Slow.DROP_NEWEST);
        try (Message news = rig.message()) {
            assertRefused(Status.INVALID_HEADER, topic, news);
        }
    }

    @Test
    void ourOwnNewsNeedRoomForTheTopic() throws Exception {
        start(Slow.DROP_NEWEST);
        try (Message news = rig.message()) {
            news.headers().append("long", "x".repeat(65_500));
            assertRefused(Status.INVALID_HEADERS_LEN, "y".repeat(100), news);
        }
    }

    private void assertRefused(Status status, String topic, Message news) {
        assertThatThrownBy(() -> topics.publish(topic, news))
                .isInstanceOfSatisfying(
                        AmpeException.class, e -> assertThat(e.status()).isEqualTo(status));
        assertThat(news.isEmptied()).isFalse();
    }
}
