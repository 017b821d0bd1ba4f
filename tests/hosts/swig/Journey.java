// Makes the calls of tests/test_swig.py through SWIG's classes for Java, and prints a line for each.
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

public class Journey {
    static String set(String pointer, String text) {
        String[] document = new String[1];
        descope_ml.descope_json_set(document, pointer, text);
        return document[0];
    }

    static long memory() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        throw new IOException("no VmRSS");
    }

    public static void main(String[] args) throws IOException {
        System.load(args[0]);
        String config = args[1];
        String phone = args[2];
        String linkToken = args[3];
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);

        SWIGTYPE_p_descope_client[] client = new SWIGTYPE_p_descope_client[1];
        out.println(descope_ml.descope_client_new(config, client, null));
        String[] response = new String[1];
        int status = descope_ml.descope_client_call(
            client[0], "magiclink/signin/sms", set("/loginId", phone), response);
        out.println(status + " " + descope_ml.descope_json_find(response[0], "/maskedPhone"));
        status = descope_ml.descope_client_call(client[0], "magiclink/verify", set("/token", linkToken), response);
        out.println(status + " " + descope_ml.descope_json_find(response[0], "/user/loginIds/0"));
        String request = set("/loginId", "nobody é漢");
        status = descope_ml.descope_client_call(client[0], "magiclink/signin/sms", request, response);
        out.println(status + " " + descope_ml.descope_json_find(request, "/loginId") + " "
            + descope_ml.descope_json_find(response[0], "/error/errorCode"));

        SWIGTYPE_p_descope_queue[] queue = new SWIGTYPE_p_descope_queue[1];
        descope_ml.descope_queue_new(client[0], queue, null);
        descope_ml.descope_queue_submit(queue[0], "magiclink/signin/sms", set("/loginId", phone), 7, null);
        long[] tag = new long[1];
        int[] callStatus = new int[1];
        int progress = descope_ml.descope_queue_next(queue[0], -1, tag, callStatus, response);
        out.println(progress + " " + tag[0] + " " + callStatus[0] + " "
            + descope_ml.descope_json_find(response[0], "/maskedPhone"));
        descope_ml.descope_queue_free(queue[0]);
        descope_ml.descope_client_free(client[0]);

        String[] document = new String[1];
        status = descope_ml.descope_json_set_n(document, "/text", "a\0b");
        out.println(status + " " + document[0]);
        try {
            set("/text", "a\0b");
            out.println("cut");
        } catch (IllegalArgumentException error) {
            out.println("refused");
        }

        for (int i = 0; i < 40000; i++) {
            descope_ml.descope_call("unknown", "{}", response);
        }
        System.gc();
        long before = memory();
        for (int i = 0; i < 40000; i++) {
            descope_ml.descope_call("unknown", "{}", response);
        }
        System.gc();
        // The collector's own memory comes and goes. A leak would be 40 MB.
        out.println(memory() - before < 20480 ? "flat" : "grows");
    }
}
