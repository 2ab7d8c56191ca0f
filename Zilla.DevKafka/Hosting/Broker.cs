using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Zilla.DevKafka.Apis;
using Zilla.DevKafka.Groups;
using Zilla.DevKafka.Listeners;
using Zilla.DevKafka.Log;
using Zilla.DevKafka.Producers;
using Zilla.DevKafka.Topics;
using Zilla.DevKafka.Transactions;

namespace Zilla.DevKafka.Hosting;

/// <summary>The broker as a whole: opens the data directory, then the port; closes them in the opposite order.</summary>
internal sealed class Broker : IAsyncDisposable
{
    private readonly DataFolder _data;
    private readonly TopicStore _topics;
    private readonly OffsetStore _offsets;
    private readonly TransactionCoordinator _transactions;
    private readonly Listener _listener;
    private readonly Housekeeping _housekeeping;

    private Broker(DevKafkaOptions options, IPAddress address, TimeProvider time, ILoggerFactory loggers)
    {
        _data = DataFolder.Open(options.Data);
        var log = new LogOptions(options.Fsync, LogOptions.DefaultProducerExpiry, time, loggers.CreateLogger<PartitionLog>());
        _topics = new TopicStore(_data.Path, log, options.DefaultTopicConfig);
        if (options.Topics is not null)
        {
            TopicList.Create(options.Topics, _topics, options.DefaultPartitions);
        }

        _offsets = new OffsetStore(_data.Path, log);
        var identity = new BrokerIdentity(options.AdvertisedHost ?? options.Host, _data.ClusterId);
        var groups = new GroupCoordinator(_offsets, new GroupOptions(time)
        {
            MinimumSessionTimeout = options.MinimumSessionTimeout,
            InitialRebalanceDelay = options.InitialRebalanceDelay,
        });
        _transactions = new TransactionCoordinator(
            new TransactionStore(_data.Path, log), _topics, _offsets, new ProducerIds(_data.Path),
            new TransactionOptions(time) { MaximumTimeout = options.MaximumTransactionTimeout }, loggers.CreateLogger<TransactionCoordinator>());
        var apis = ApiCatalog.Create(_topics, groups, _transactions, identity, new(time, options.AutoCreateTopics, options.DefaultPartitions, options.MaximumFetchBytes));
        var logger = loggers.CreateLogger<Listener>();
        _listener = new Listener(apis, ListenerOptionsOf(options), time, logger);
        identity.Port = Listen(_listener, new IPEndPoint(address, options.Port));
        _housekeeping = new Housekeeping(_topics, groups, _transactions, options.HousekeepingInterval, time, loggers.CreateLogger<Housekeeping>());
        Port = identity.Port;
        logger.Listening(options.Host, Port);
    }

    public int Port { get; }

    public static async Task<Broker> StartAsync(DevKafkaOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        var address = IPAddress.TryParse(options.Host, out var literal) ? literal
            : options.Host == "localhost" ? IPAddress.Loopback
            : (await Dns.GetHostAddressesAsync(options.Host))[0];
        return new Broker(options, address, time, loggers);
    }

    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync();
        await _housekeeping.DisposeAsync();
        _transactions.Dispose();
        _topics.Dispose();
        _offsets.Dispose();
        _data.Dispose();
    }

    private static int Listen(Listener listener, IPEndPoint endpoint)
    {
        try
        {
            return listener.Start(endpoint);
        }
        catch (SocketException e)
        {
            throw new BrokerStartException($"Cannot listen on {endpoint}: {e.Message}. Choose another with --port or --host.", e);
        }
    }

    private static ListenerTls? TlsOf(DevKafkaOptions options)
    {
        try
        {
            return options.TlsStore is { } store ? ListenerTls.Read(store, options.TlsPassword, options.TlsTrust) : null;
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new BrokerStartException($"TLS: {e.Message}", e);
        }
    }

    private static ListenerOptions ListenerOptionsOf(DevKafkaOptions options) => new()
    {
        MaximumRequestBytes = options.MaximumRequestBytes,
        MaximumConnections = options.MaximumConnections,
        IdleTimeout = options.IdleTimeout,
        StallTimeout = options.StallTimeout,
        Tls = TlsOf(options),
    };
}
