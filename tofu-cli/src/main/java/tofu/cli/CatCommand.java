package tofu.cli;

import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tofu.api.Address;
import tofu.api.Message;

/// Lines and files out as messages, messages in to the standard output.
@Command(
        name = "cat",
        mixinStandardHelpOptions = true,
        description = {
            "Connects, or listens, sends what it reads as messages, and prints the messages that"
                    + " come. Reads lines of the standard input, or files."
        },
        footer = {
            "",
            "Examples:",
            "  echo hello | tofuctl cat -t request 'tcp|127.0.0.1|7099'    # and prints the answer",
            "  tofuctl cat --listen --once -o raw 'tcp||7099' > copy.bin",
            "  tofuctl cat 'tcp|127.0.0.1|7099' file.bin                # in parts, if it is long",
            "  tofuctl cat -H topic:news -d hello 'uds|/run/app.sock'",
            "  tofuctl cat --tls-trust authorities.pem -d hello 'tls|server.example|7443'",
            "  tofuctl cat --stay -o json -n 10 'tcp|127.0.0.1|7099' < /dev/null | jq .body"
        })
final class CatCommand implements Callable<Integer> {
    /// How messages are printed.
    enum Output {
        TEXT,
        RAW,
        HEX,
        JSON,
        NONE
    }

    private final Terminal terminal;

    /// Of what has come; the dispatcher's thread.
    private long received;

    @Parameters(
            index = "0",
            paramLabel = "ADDRESS",
            description = "Where to connect to; with --listen, where to listen.")
    private String address = "";

    @Parameters(
            index = "1..*",
            paramLabel = "FILE",
            description =
                    "Sent in place of lines, each as one message or a chain of them; -: all"
                            + " of the standard input.")
    private List<String> files = List.of();

    @Option(
            names = {"-l", "--listen"},
            description = "Listens; what is sent goes to every peer that is there.")
    private boolean listen;

    @Option(names = "--once", description = "With --listen: ends when the first peer has gone.")
    private boolean once;

    @Option(
            names = {"-t", "--type"},
            paramLabel = "TYPE",
            description =
                    "signal, request, or response to the oldest request that has none yet;"
                            + " signal if not said.")
    private Talk.Type type = Talk.Type.SIGNAL;

    @Option(
            names = {"-H", "--header"},
            paramLabel = "NAME:VALUE",
            description = "A text header of each message.")
    private List<String> headers = List.of();

    @Option(
            names = {"-d", "--data"},
            paramLabel = "TEXT",
            description = "Sent in place of lines, each as one message.")
    private List<String> data = List.of();

    @Option(
            names = {"-f", "--format"},
            paramLabel = "FORMAT",
            description =
                    "What a line of the input is: text, hex, or json as --output=json"
                            + " prints it; text if not said.")
    private Outgoing.Format format = Outgoing.Format.TEXT;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description =
                    "text: the body and a line feed; raw: the body; hex, json: a line each;"
                            + " none. text if not said.")
    private Output output = Output.TEXT;

    @Option(
            names = {"-n", "--count"},
            paramLabel = "N",
            description = "Ends when so many messages have come.")
    private long count = Long.MAX_VALUE;

    @Option(
            names = {"-w", "--wait"},
            paramLabel = "TIME",
            description =
                    "How long to wait for answers that are missing when all is sent; 10s if"
                            + " not said.")
    private Duration wait = Duration.ofSeconds(10);

    @Option(
            names = "--stay",
            description = "Goes on receiving when all is sent, until the peer ends.")
    private boolean stay;

    @Mixin private final TlsOptions tls = new TlsOptions();

    CatCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws Exception {
        Outgoing outgoing = new Outgoing(format, data, files);
        Address there = listen ? Quantities.server(address) : Quantities.client(address);
        try (Station station = Station.open(tls.of(List.of(there)))) {
            Talk talk = new Talk(station, type, Outgoing.headers(headers), this::print);
            switch (there) {
                case Address.Server here -> {
                    terminal.say("listening on " + talk.listen(here, once));
                    talk.awaitPeer();
                    talk.begin(outgoing);
                    talk.awaitEnd();
                }
                case Address.Client server -> {
                    Link link = talk.connect(server, stay);
                    talk.begin(outgoing);
                    if (!stay) {
                        talk.endWhenAnswered(wait);
                    }
                    talk.awaitEnd();
                    link.bye();
                }
            }
        }
        return ExitCode.DONE;
    }

    /// Prints a message that has come.
    ///
    /// @return false if it was the last one that is wanted
    private boolean print(Message message) {
        if (received >= count) {
            return false; // it comes while the end is on its way
        }
        Content content = Content.of(message);
        switch (output) {
            case TEXT -> terminal.println(terminal.ofPeer(message.body().text()));
            case RAW -> {
                terminal.out().writeBytes(content.body());
                terminal.flush();
            }
            case HEX -> terminal.println(HexFormat.of().formatHex(content.body()));
            case JSON -> terminal.println(Json.line(content.json()));
            case NONE -> {}
        }
        return ++received < count;
    }
}
