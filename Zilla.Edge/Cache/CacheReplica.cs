using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Zilla.Streams;
using Zilla.Streams.Lanes;
using Zilla.Streams.V1;

namespace Zilla.Edge.Cache;

/// <summary>A replica of the cache as another process, reached over gRPC lanes.</summary>
internal sealed class CacheReplica(ReplicaConnection connection) : ICacheReplica, IAsyncDisposable
{
    public string Name => connection.Address.Authority;

    public bool IsConnected => connection.IsConnected;

    public string? Instance => connection.Instance;

    public FrameStream Open(Begin begin) => connection.Open(begin);

    public FrameStream OpenAt(string instance, Begin begin) => connection.Open(begin, instance);

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    /// <summary>The replicas that <c>services:kafka-cache:grpc:0</c>, <c>:1</c>… name; one with the scheme <c>dns</c> stands for several.</summary>
    /// <exception cref="FormatException">One of them is not an absolute URL.</exception>
    public static IEnumerable<Uri> Addresses(IConfiguration configuration) => configuration.GetSection("services:kafka-cache:grpc").GetChildren()
        .Select(entry => Uri.TryCreate(entry.Value, UriKind.Absolute, out var address)
            ? address
            : throw new FormatException($"{entry.Path} is not an absolute URL: '{entry.Value}'"))
        .Distinct();

    public static CacheReplica Connect(Uri address, string instance, Func<SocketsHttpHandler, HttpMessageHandler>? equip, ILoggerFactory logging, TimeProvider time) =>
        new(new ReplicaConnection(new ReplicaConnectionOptions { Address = address, Equip = equip, Lane = new LaneOptions { Instance = instance } }, logging, time));
}
