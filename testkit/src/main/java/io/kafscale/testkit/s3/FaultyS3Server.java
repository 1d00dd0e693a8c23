package io.kafscale.testkit.s3;

import io.kafscale.testkit.s3.FakeBucket.Answer;
import io.kafscale.testkit.s3.HttpMessages.Head;
import io.kafscale.testkit.s3.S3Request.Operation;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A small S3 endpoint in this process that does to chosen requests what networks and overloaded stores do. It knows path-style
 * addressing, one bucket and the requests of {@link Operation}, believes every signature, and keeps objects in memory. Thread-safe.
 */
public final class FaultyS3Server implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(FaultyS3Server.class);

    private record Rule(Predicate<S3Request> when, Fault fault, AtomicInteger times) {}

    private final ServerSocket listener;
    private final String bucketName;
    private final FakeBucket bucket = new FakeBucket();
    private final List<S3Request> requests = new ArrayList<>();
    private final Lock arrivals = new ReentrantLock();
    private final Condition arrival = arrivals.newCondition();
    private final List<Rule> rules = new CopyOnWriteArrayList<>();
    private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile boolean bucketMissing;

    private FaultyS3Server(ServerSocket listener, String bucketName) {
        this.listener = listener;
        this.bucketName = bucketName;
    }

    /** A faultless server with an empty {@code bucket}, listening when this returns. */
    public static FaultyS3Server start(String bucket) throws IOException {
        var listener = new ServerSocket();
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 256);
        var server = new FaultyS3Server(listener, bucket);
        Thread.ofVirtual().name("faulty-s3-accept").start(server::acceptAll);
        return server;
    }

    /** Where it listens. */
    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + listener.getLocalPort());
    }

    /** The one bucket. */
    public String bucket() {
        return bucketName;
    }

    /** Applies {@code fault} to the next {@code times} requests that match. Rules are asked in the order they were added. */
    public void inject(int times, Predicate<S3Request> when, Fault fault) {
        rules.add(new Rule(when, fault, new AtomicInteger(times)));
    }

    /** Applies {@code fault} to the next request of {@code operation}. */
    public void injectOnce(Operation operation, Fault fault) {
        inject(1, request -> request.operation() == operation, fault);
    }

    /** Forgets all rules. */
    public void heal() {
        rules.clear();
    }

    /** From now on conditional creates look first and write then, so that racing writers may both win. */
    public void breakAtomicCreate() {
        bucket.breakAtomicCreate();
    }

    /** From now on every GET answers with the whole object, as a store without ranges does. */
    public void ignoreRanges() {
        bucket.ignoreRanges();
    }

    /** From now on the bucket does not exist. */
    public void dropBucket() {
        bucketMissing = true;
    }

    /** What GetBucketVersioning answers: the whole XML document. */
    public void versioning(String xml) {
        bucket.versioning(xml);
    }

    /** What GetBucketLifecycleConfiguration answers: the whole XML document. */
    public void lifecycle(String xml) {
        bucket.lifecycle(xml);
    }

    /** Every request so far, in the order they arrived. */
    public List<S3Request> requests() {
        arrivals.lock();
        try {
            return List.copyOf(requests);
        } finally {
            arrivals.unlock();
        }
    }

    /**
     * Waits until {@code count} requests have arrived in all.
     *
     * @throws IllegalStateException when they have not within half a minute
     */
    public void awaitRequests(int count) {
        arrivals.lock();
        try {
            long left = TimeUnit.SECONDS.toNanos(30);
            while (requests.size() < count) {
                if (left <= 0) {
                    throw new IllegalStateException(requests.size() + " requests of " + count + " arrived");
                }
                left = arrival.awaitNanos(left);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", interrupted);
        } finally {
            arrivals.unlock();
        }
    }

    private void note(S3Request request) {
        arrivals.lock();
        try {
            requests.add(request);
            arrival.signalAll();
        } finally {
            arrivals.unlock();
        }
    }

    /** A copy of all objects by key. */
    public Map<String, byte[]> objects() {
        return bucket.contents();
    }

    @Override
    public void close() throws IOException {
        closed.countDown();
        listener.close();
        for (Socket connection : connections) {
            connection.close();
        }
    }

    private void acceptAll() {
        while (closed.getCount() > 0) {
            try {
                Socket connection = listener.accept();
                connections.add(connection);
                Thread.ofVirtual().name("faulty-s3").start(() -> serve(connection));
            } catch (IOException ended) {
                if (closed.getCount() > 0) {
                    log.error("the listener of the faulty S3 server died", ended);
                }
                return;
            }
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            connection.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(connection.getInputStream());
            OutputStream out = new BufferedOutputStream(connection.getOutputStream(), 64 << 10);
            boolean keepAlive = true;
            while (keepAlive) {
                keepAlive = serveOne(connection, in, out);
            }
        } catch (IOException hungUp) {
            log.trace("a client hung up", hungUp);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            connections.remove(connection);
        }
    }

    /** Serves one request; false when the connection cannot be used further. */
    private boolean serveOne(Socket connection, InputStream in, OutputStream out)
            throws IOException, InterruptedException {
        Head head = HttpMessages.readHead(in);
        S3Request request = understand(head);
        note(request);
        Fault fault = faultFor(request);
        if (fault instanceof Fault.TearRequest tear) {
            if (head.expectsContinue() && tear.bodyBytes() > 0) {
                HttpMessages.writeContinue(out);
            }
            in.readNBytes((int) Math.min(tear.bodyBytes(), head.contentLength()));
            return reset(connection);
        }
        if (head.expectsContinue()) {
            if (fault instanceof Fault.Answer answer) {
                // An early refusal: the client keeps its body, and the connection cannot go on after that.
                write(out, error(answer), head);
                return false;
            }
            HttpMessages.writeContinue(out);
        }
        byte[] body = HttpMessages.readBody(head, in);
        if (fault instanceof Fault.Answer answer) {
            write(out, error(answer), head);
            return true;
        }
        if (fault instanceof Fault.Land land) {
            land.moment().thenRun(() -> handle(request, body));
            closed.await();
            return reset(connection);
        }
        if (fault instanceof Fault.Delay delay) {
            closed.await(delay.by().toNanos(), TimeUnit.NANOSECONDS);
        }
        Answer answer = handle(request, body);
        if (fault instanceof Fault.LoseResponse) {
            return reset(connection);
        }
        if (fault instanceof Fault.TearResponse tear) {
            HttpMessages.writeHead(out, answer.status(), answer.headers(), answer.body().length);
            out.write(answer.body(), 0, Math.min(tear.bodyBytes(), answer.body().length));
            out.flush();
            return reset(connection);
        }
        write(out, answer, head);
        return true;
    }

    private static Answer error(Fault.Answer answer) {
        return Answer.error(answer.status(), answer.code(), answer.message());
    }

    private @Nullable Fault faultFor(S3Request request) {
        for (Rule rule : rules) {
            if (rule.when.test(request) && rule.times.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                return rule.fault;
            }
        }
        return null;
    }

    private Answer handle(S3Request request, byte[] body) {
        if (bucketMissing || !request.bucket().equals(bucketName)) {
            return Answer.error(404, "NoSuchBucket", "The specified bucket does not exist");
        }
        return bucket.handle(request, body);
    }

    private static void write(OutputStream out, Answer answer, Head head) throws IOException {
        byte[] body = head.method().equals("HEAD") ? new byte[0] : answer.body();
        HttpMessages.writeHead(out, answer.status(), answer.headers(), body.length);
        out.write(body);
        out.flush();
    }

    /** Closes with a TCP reset, which the client sees as a broken connection and never as an end of data. */
    private static boolean reset(Socket connection) throws IOException {
        connection.setSoLinger(true, 0);
        connection.close();
        return false;
    }

    private static S3Request understand(Head head) {
        String path = head.path().substring(1);
        int slash = path.indexOf('/');
        String bucket = slash < 0 ? path : path.substring(0, slash);
        String key = slash < 0 ? "" : path.substring(slash + 1);
        Operation operation = key.isEmpty() ? bucketOperation(head) : objectOperation(head);
        String subject = operation == Operation.LIST ? head.query().getOrDefault("prefix", "") : key;
        return new S3Request(operation, bucket, subject, head.query(), head.headers());
    }

    private static Operation objectOperation(Head head) {
        return switch (head.method()) {
            case "PUT" -> Operation.PUT;
            case "GET" -> Operation.GET;
            case "DELETE" -> Operation.DELETE;
            default -> Operation.OTHER;
        };
    }

    private static Operation bucketOperation(Head head) {
        return switch (head.method()) {
            case "HEAD" -> Operation.HEAD_BUCKET;
            case "POST" -> head.query().containsKey("delete") ? Operation.DELETE_MANY : Operation.OTHER;
            case "GET" -> {
                if (head.query().containsKey("list-type")) {
                    yield Operation.LIST;
                }
                if (head.query().containsKey("versioning")) {
                    yield Operation.GET_VERSIONING;
                }
                yield head.query().containsKey("lifecycle") ? Operation.GET_LIFECYCLE : Operation.OTHER;
            }
            default -> Operation.OTHER;
        };
    }
}
