using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Zilla.Edge.Cache;

namespace Zilla.Edge.Tests.Fakes;

internal static class Caches
{
    public static CacheClient Client(CacheOptions? options, TimeProvider? time, params ICacheReplica[] replicas) =>
        new(new CacheReplicas(replicas), Options.Create(options ?? new CacheOptions { RetryDelay = TimeSpan.FromMilliseconds(1) }), time ?? TimeProvider.System, new Random(1), NullLogger<CacheClient>.Instance);

    public static CacheClient Client(params ICacheReplica[] replicas) => Client(null, null, replicas);
}
