package io.kafscale.objectstore.s3;

import io.kafscale.objectstore.BlockingCalls;
import io.kafscale.objectstore.ObjectKeys;
import io.kafscale.objectstore.ObjectPage;
import io.kafscale.objectstore.ObjectStore;
import io.kafscale.objectstore.ObjectSummary;
import io.kafscale.objectstore.ObjectTail;
import io.kafscale.objectstore.Payload;
import io.kafscale.objectstore.ReadMemory;
import io.kafscale.objectstore.StorageException;
import io.kafscale.objectstore.StorageException.Kind;
import io.kafscale.objectstore.s3.S3Failures.Access;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.S3Error;

/**
 * The object store of {@code s3://bucket/prefix}. Thread-safe; futures complete on virtual threads of the store, in which the SDK's
 * blocking calls run. One call is one request, never repeated here. A payload is read where it lies and given back when the thread
 * that reads it is done with it.
 */
public final class S3ObjectStore implements ObjectStore {
    /** What S3 deletes in one request. */
    private static final int DELETE_BATCH = 1000;

    private final S3Settings settings;
    private final CredentialsChain credentials;
    private final S3Client client;
    private final BlockingCalls puts;
    private final BlockingCalls others;
    private final AtomicBoolean closed = new AtomicBoolean();

    private S3ObjectStore(S3Settings settings, CredentialsChain credentials, S3Client client) {
        this.settings = settings;
        this.credentials = credentials;
        this.client = client;
        this.puts = BlockingCalls.onVirtualThreads("s3-put", settings.maxConcurrent());
        this.others = BlockingCalls.onVirtualThreads("s3", settings.maxConcurrent());
    }

    /**
     * A store for {@code settings}; sends nothing yet.
     *
     * @throws StorageException of kind {@link Kind#INVALID} when the region is needed and not known
     */
    public static S3ObjectStore open(S3Settings settings) {
        var credentials = new CredentialsChain();
        try {
            return new S3ObjectStore(settings, credentials, S3Clients.build(settings, credentials));
        } catch (RuntimeException failed) {
            credentials.close();
            throw failed;
        }
    }

    /**
     * Asks the bucket whether it is there, ours to use, and safe for objects below {@code namespace}. For the start of a broker:
     * answers within seconds and is not repeated.
     *
     * @return fails with a {@link StorageException} whose message says what is wrong and how to mend it
     */
    public CompletableFuture<BucketReport> checkBucket(String namespace) {
        return read("", () -> new BucketInspection(client, settings).inspect(namespace));
    }

    @Override
    public CompletableFuture<PutOutcome> putIfAbsent(String key, Payload payload) {
        payload.retain();
        Function<Throwable, StorageException> failure = f -> failure(f, key, Access.WRITE);
        return puts.submit(new BlockingCalls.Call<>(key, () -> put(key, payload), failure, payload::release));
    }

    private PutOutcome put(String key, Payload payload) {
        ObjectKeys.checkKey(key);
        long length = payload.length();
        Duration timeout = settings.timeouts().forPut(length);
        var body =
                RequestBody.fromContentProvider(() -> new PayloadStream(payload), length, "application/octet-stream");
        try {
            client.putObject(
                    put -> put.bucket(settings.bucket())
                            .key(settings.inBucket(key))
                            .ifNoneMatch("*")
                            .contentLength(length)
                            .overrideConfiguration(o -> o.apiCallTimeout(timeout)),
                    body);
            return PutOutcome.CREATED;
        } catch (AwsServiceException answered) {
            if (answered.statusCode() == 412) {
                return PutOutcome.ALREADY_EXISTS;
            }
            throw answered;
        }
    }

    @Override
    public CompletableFuture<ByteBuffer> get(String key, int maxBytes, ReadMemory memory) {
        return read(
                key,
                () -> CallMemory.during(
                        memory,
                        taking -> fetch(key, null, maxBytes, ObjectBody.whole(key, maxBytes, taking))
                                .bytes()));
    }

    @Override
    public CompletableFuture<ByteBuffer> getRange(String key, long position, int length, ReadMemory memory) {
        return read(key, () -> {
            if (position < 0 || length < 0) {
                throw new StorageException(Kind.INVALID, key, "no such range: " + length + " bytes from " + position);
            }
            // HTTP has no empty range: ask for one byte, which tells at least that the object is there.
            long last = position + Math.max(1, length) - 1;
            try {
                String range = "bytes=" + position + "-" + last;
                return CallMemory.during(
                        memory,
                        taking -> fetch(key, range, length, ObjectBody.range(position, length, taking))
                                .bytes());
            } catch (AwsServiceException answered) {
                if (answered.statusCode() == 416) {
                    return ByteBuffer.allocate(0);
                }
                throw answered;
            }
        });
    }

    @Override
    public CompletableFuture<ObjectTail> getTail(String key, int length) {
        return read(key, () -> {
            if (length < 0) {
                throw new StorageException(Kind.INVALID, key, "no such tail: " + length + " bytes");
            }
            try {
                var tail = fetch(key, "bytes=-" + Math.max(1, length), length, ObjectBody.tail(length));
                return new ObjectTail(tail.objectSize(), tail.bytes());
            } catch (AwsServiceException answered) {
                if (answered.statusCode() == 416) {
                    // Only an object without any bytes has no last one.
                    return new ObjectTail(0, ByteBuffer.allocate(0));
                }
                throw answered;
            }
        });
    }

    private ObjectBody.Content fetch(String key, @Nullable String range, long bytes, ObjectBody.Reader reader) {
        ObjectKeys.checkKey(key);
        var request = GetObjectRequest.builder()
                .bucket(settings.bucket())
                .key(settings.inBucket(key))
                .range(range)
                .overrideConfiguration(o -> o.apiCallTimeout(settings.timeouts().forRead(bytes)))
                .build();
        ObjectBody.Content content = client.getObject(request, reader);
        if (content.refusal() != null) {
            throw content.refusal();
        }
        return content;
    }

    @Override
    public CompletableFuture<ObjectPage> list(String prefix, String startAfter, int limit) {
        return read(prefix, () -> {
            ObjectKeys.checkPrefix(prefix);
            ObjectPage.checkLimit(prefix, limit);
            return page(prefix, startAfter, limit);
        });
    }

    private ObjectPage page(String prefix, String startAfter, int limit) {
        var request = ListObjectsV2Request.builder()
                .bucket(settings.bucket())
                .prefix(settings.inBucket(prefix))
                .startAfter(startAfter.isEmpty() ? null : settings.inBucket(startAfter))
                .maxKeys(limit)
                .overrideConfiguration(o -> o.apiCallTimeout(settings.timeouts().forRead(0)))
                .build();
        var response = client.listObjectsV2(request);
        while (response.contents().isEmpty() && Boolean.TRUE.equals(response.isTruncated())) {
            // Legal, if rare: nothing yet, go on. A page of ours that promises more has a last key to go on from.
            String token = response.nextContinuationToken();
            response = client.listObjectsV2(
                    request.toBuilder().continuationToken(token).build());
        }
        var objects = response.contents().stream()
                .map(object -> new ObjectSummary(
                        settings.inStore(object.key()),
                        object.size(),
                        object.lastModified().toEpochMilli()))
                .toList();
        return new ObjectPage(objects, Boolean.TRUE.equals(response.isTruncated()));
    }

    @Override
    public CompletableFuture<Void> delete(List<String> keys) {
        List<String> doomed = List.copyOf(keys);
        return read(doomed.isEmpty() ? "" : doomed.getFirst(), () -> {
            doomed.forEach(ObjectKeys::checkKey);
            for (int from = 0; from < doomed.size(); from += DELETE_BATCH) {
                deleteBatch(doomed.subList(from, Math.min(doomed.size(), from + DELETE_BATCH)));
            }
            return null;
        });
    }

    private void deleteBatch(List<String> keys) {
        Duration timeout = settings.timeouts().forRead(0);
        if (keys.size() == 1) {
            deleteOne(settings.inBucket(keys.getFirst()), timeout);
            return;
        }
        var identifiers = new ArrayList<ObjectIdentifier>();
        for (String key : keys) {
            identifiers.add(
                    ObjectIdentifier.builder().key(settings.inBucket(key)).build());
        }
        var response = client.deleteObjects(delete -> delete.bucket(settings.bucket())
                .delete(d -> d.objects(identifiers).quiet(true))
                .overrideConfiguration(o -> o.apiCallTimeout(timeout)));
        for (S3Error error : response.errors()) {
            if (!"NoSuchKey".equals(error.code())) {
                throw S3Failures.ofDelete(error.code(), error.message(), settings.inStore(error.key()));
            }
        }
    }

    private void deleteOne(String bucketKey, Duration timeout) {
        try {
            client.deleteObject(delete -> delete.bucket(settings.bucket())
                    .key(bucketKey)
                    .overrideConfiguration(o -> o.apiCallTimeout(timeout)));
        } catch (AwsServiceException answered) {
            // S3 does not mind an object that is not there; some of its kin do.
            if (S3Failures.kind(answered, Access.READ) != Kind.NOT_FOUND) {
                throw answered;
            }
        }
    }

    private <T> CompletableFuture<T> read(String key, Callable<T> work) {
        return others.submit(new BlockingCalls.Call<>(key, work, f -> failure(f, key, Access.READ), () -> {}));
    }

    private StorageException failure(Throwable failure, String key, Access access) {
        if (closed.get() && !(failure instanceof AwsServiceException)) {
            return new StorageException(Kind.CLOSED, key, "the store was closed during the call", failure);
        }
        return S3Failures.of(failure, key, access);
    }

    @Override
    public String describe() {
        return settings.location() + (settings.endpoint() == null ? "" : " at " + settings.endpoint());
    }

    /** Breaks the connections of calls under way and waits until their threads have ended. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        puts.refuse();
        others.refuse();
        client.close();
        puts.close();
        others.close();
        credentials.close();
    }
}
