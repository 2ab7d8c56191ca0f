using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using Zilla.Edge.Cache;
using Zilla.Edge.Http;
using Zilla.Edge.Plans;

namespace Zilla.EdgeGrpc.KafkaGrpc;

/// <summary>Makes calls from topics for the kafka-grpc bindings of the plan in force, of every replica of the cache that there is.</summary>
internal sealed class RemoteCalls : BackgroundService
{
    private readonly EdgeState<GatewayModel> _state;
    private readonly CacheClient _cache;
    private readonly KafkaGrpcOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<RemoteCalls> _logger;
    private readonly ConditionalWeakTable<GatewayModel, IReadOnlyList<KafkaGrpcModel>> _compiled = [];
    private readonly Dictionary<(KafkaGrpcModel Model, ICacheReplica Replica), Running> _links = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public RemoteCalls(EdgeState<GatewayModel> state, CacheClient cache, IOptions<KafkaGrpcOptions> options, TimeProvider time, ILogger<RemoteCalls> logger)
    {
        (_state, _cache, _options, _time, _logger) = (state, cache, options.Value, time, logger);
        state.Changed += () => Volatile.Read(ref _changed).TrySetResult();
    }

    /// <summary>What is to be done while that model is in force.</summary>
    public void Prepare(GatewayModel model, IReadOnlyList<KafkaGrpcModel> bindings)
    {
        // What goes on as before keeps its calls.
        var current = _compiled.TryGetValue(_state.Current, out var compiled) ? compiled : [];
        _compiled.AddOrUpdate(model, [.. bindings.Select(binding => current.FirstOrDefault(binding.IsAs) ?? binding)]);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref _changed, changed);
            await FollowAsync(stoppingToken);
            await Task.WhenAny(changed.Task, Task.Delay(_options.ReplicaInterval, _time, stoppingToken));
        }

        await Task.WhenAll(_links.Values.Select(link => link.StopAsync()));
    }

    /// <summary>Ends what is no longer wanted, begins what is.</summary>
    private async Task FollowAsync(CancellationToken stopping)
    {
        var bindings = _compiled.TryGetValue(_state.Current, out var compiled) ? compiled : [];
        var wanted = bindings.SelectMany(binding => _cache.Replicas.Select(replica => (binding, replica))).ToHashSet();
        var leaving = _links.Keys.Where(link => !wanted.Contains(link)).ToList();
        var stopped = leaving.Select(link => _links.Remove(link, out var running) ? running.StopAsync() : Task.CompletedTask).ToList();
        foreach (var (binding, replica) in wanted.Where(link => !_links.ContainsKey(link)))
        {
            _links.Add((binding, replica), new Running(new WorkLink(replica, binding, _cache, _options, _time, _logger), stopping));
        }

        await Task.WhenAll(stopped);
    }

    private sealed class Running
    {
        private readonly CancellationTokenSource _stop;
        private readonly Task _running;

        public Running(WorkLink link, CancellationToken stopping)
        {
            _stop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            _running = Task.Run(() => link.RunAsync(_stop.Token), CancellationToken.None);
        }

        public async Task StopAsync()
        {
            await _stop.CancelAsync();
            await _running;
            _stop.Dispose();
        }
    }
}
