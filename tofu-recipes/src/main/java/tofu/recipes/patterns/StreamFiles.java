package tofu.recipes.patterns;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.MessageInputStream;
import tofu.api.MessageOutputStream;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.recipes.first.Steps;

/// Streams a file to a server, and at the same time the file that the server makes of it back.
///
/// Both travel as chains of messages over one channel. Neither side ever holds more than its queues
/// may: the whole engine has 8 MiB for messages, however large the file is.
public final class StreamFiles {
    private static final Options FRUGAL =
            Options.builder()
                    .maxPoolBytes(8 << 20)
                    .sendQueueBytes(1 << 20)
                    .receiveWindowBytes(1 << 20)
                    .build();

    private StreamFiles() {}

    /// Runs the recipe.
    ///
    /// @param megabytes the size of the file
    public static String run(PrintStream out, Address.Server where, int megabytes)
            throws IOException, InterruptedException, ExecutionException {
        Path folder = Files.createTempDirectory("tofu-files");
        Path sent = folder.resolve("sent");
        Path received = folder.resolve("received");
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Ampe ampe = Ampe.open(FRUGAL);
                ChannelGroup server = ampe.create();
                ChannelGroup client = ampe.create()) {
            fill(sent, megabytes);
            Address.Client address = Steps.listen(ampe, server, where);
            Future<Long> served = threads.submit(() -> serve(ampe, server));
            int channel = Steps.connect(ampe, client, address);
            Future<Long> upload = threads.submit(() -> upload(ampe, client, channel, sent));
            download(client, received);
            Steps.bye(ampe, client, channel);
            out.println(upload.get() + " bytes sent, " + served.get() + " sent back");
            long difference = Files.mismatch(sent, received);
            return megabytes + " MiB there and back: " + (difference < 0 ? "the same" : "spoilt");
        } finally {
            Files.deleteIfExists(sent);
            Files.deleteIfExists(received);
            Files.delete(folder);
        }
    }

    private static void fill(Path path, int megabytes) throws IOException {
        Random random = new Random(megabytes);
        byte[] megabyte = new byte[1 << 20];
        try (OutputStream file = Files.newOutputStream(path)) {
            for (int i = 0; i < megabytes; i++) {
                random.nextBytes(megabyte);
                file.write(megabyte);
            }
        }
    }

    private static long upload(Ampe ampe, ChannelGroup group, int channel, Path path)
            throws IOException {
        try (Message first = ampe.get();
                InputStream file = Files.newInputStream(path)) {
            first.opCode(OpCode.REQUEST).channel(channel).headers().append("name", "sent");
            try (MessageOutputStream stream =
                    new MessageOutputStream(ampe, group, first, Steps.PATIENCE)) {
                long bytes = file.transferTo(stream);
                stream.finish(); // closed without it, nobody takes half a file for a whole one
                return bytes;
            }
        }
    }

    private static void download(ChannelGroup group, Path path)
            throws IOException, InterruptedException {
        try (Message first = Steps.receive(group, OpCode.RESPONSE);
                InputStream stream =
                        MessageInputStream.receiving(
                                first, group, Steps.PATIENCE, Message::close)) {
            Files.copy(stream, path);
        }
    }

    /// Serves one client: answers the hello, sends back what comes while it comes, says bye.
    private static long serve(Ampe ampe, ChannelGroup group)
            throws IOException, InterruptedException {
        try (Message hello = Steps.receive(group, OpCode.HELLO_REQUEST)) {
            Steps.answer(group, hello);
        }
        long bytes;
        try (Message request = Steps.receive(group, OpCode.REQUEST);
                Message response = ampe.get()) {
            response.opCode(OpCode.RESPONSE).channel(request.channel()).id(request.id());
            try (MessageInputStream in =
                            MessageInputStream.receiving(
                                    request, group, Steps.PATIENCE, Message::close);
                    MessageOutputStream out =
                            new MessageOutputStream(ampe, group, response, Steps.PATIENCE)) {
                bytes = in.transferTo(out);
                out.finish();
            }
        }
        try (Message bye = Steps.receive(group, OpCode.BYE_REQUEST)) {
            Steps.answer(group, bye);
        }
        return bytes;
    }
}
