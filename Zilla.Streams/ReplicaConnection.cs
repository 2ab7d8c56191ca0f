using Microsoft.Extensions.Logging;
using Zilla.Streams.Lanes;
using Zilla.Streams.Network;
using Zilla.Streams.V1;

namespace Zilla.Streams;

/// <summary>
/// The lanes to one replica: connects in the background, again and again, and spreads streams over the lanes that are there once they are many.
/// A lost lane breaks its own streams only; whoever holds them resumes from progress.
/// </summary>
public sealed class ReplicaConnection : IStreamOpener, IAsyncDisposable
{
    /// <summary>
    /// With fewer streams than this a lane takes all that come, and the others none: streams that share a lane share its batches, and a batch costs
    /// the same for one frame as for many.
    /// </summary>
    private const int Company = 128;

    private readonly ReplicaConnectionOptions _options;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Func<double> _jitter;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _connecting;

    private readonly Lock _gate = new();
    private readonly List<Lane> _lanes = [];
    private TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private uint _next;

    /// <param name="options">How to reach the replica.</param>
    /// <param name="logging">Where lanes log to.</param>
    /// <param name="time">The clock of timeouts and backoff; default the system's.</param>
    /// <param name="jitter">Gives 0..1, which spreads retries of many edges; default random.</param>
    public ReplicaConnection(ReplicaConnectionOptions options, ILoggerFactory logging, TimeProvider? time = null, Func<double>? jitter = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Lanes, 1, nameof(options));
        _options = options;
        _logger = logging.CreateLogger(LaneLog.Category);
        _time = time ?? TimeProvider.System;
        _jitter = jitter ?? Random.Shared.NextDouble;
        using (ExecutionContext.SuppressFlow())
        {
            _connecting = Task.WhenAll(Enumerable.Range(0, options.Lanes).Select(_ => Task.Run(KeepLaneAsync)));
        }
    }

    public Uri Address => _options.Address;

    /// <summary>Whether a stream can be opened now.</summary>
    public bool IsConnected
    {
        get
        {
            lock (_gate)
            {
                return _lanes.Exists(static lane => lane.CanOpen);
            }
        }
    }

    /// <summary>The name of the process at the other end, as it says itself; null while no stream can be opened.</summary>
    public string? Instance
    {
        get
        {
            lock (_gate)
            {
                return _lanes.FindLast(static lane => lane.CanOpen)?.Peer;
            }
        }
    }

    /// <summary>Completes as soon as a lane is there.</summary>
    public Task WaitUntilConnectedAsync(CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            return _connected.Task.WaitAsync(cancellationToken);
        }
    }

    public FrameStream Open(Begin begin) => Open(begin, null);

    /// <summary>As <see cref="Open(Begin)"/>, but towards that process only: another one may have taken its place at the address.</summary>
    /// <param name="begin">The BEGIN.</param>
    /// <param name="instance">Its name; null: whoever is there.</param>
    /// <exception cref="StreamBrokenException">There is no lane to it now (<see cref="Cause.LaneLost"/>).</exception>
    public FrameStream Open(Begin begin, string? instance)
    {
        lock (_gate)
        {
            foreach (var lane in _lanes)
            {
                if (IsOf(lane, instance) && lane.CanOpen && lane.OpenStreams < Company)
                {
                    return lane.Open(begin);
                }
            }

            for (var i = 0; i < _lanes.Count; i++)
            {
                var lane = _lanes[(int)(_next++ % (uint)_lanes.Count)];
                if (IsOf(lane, instance) && lane.CanOpen)
                {
                    return lane.Open(begin);
                }
            }
        }

        throw new StreamBrokenException(Cause.LaneLost, $"There is no lane to {instance ?? Address.ToString()} now.");
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _connecting;
        _stop.Dispose();
    }

    private static bool IsOf(Lane lane, string? instance) => instance is null || lane.Peer == instance;

    private async Task KeepLaneAsync()
    {
        using var dialler = new LaneDialler(_options.Address, _options.Equip);
        var failures = 0;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await using var lane = await dialler.DialAsync(_options.Lane, _logger, _time, _stop.Token);
                failures = 0;
                Add(lane);
                try
                {
                    await lane.Closing.WaitAsync(_stop.Token);
                }
                finally
                {
                    Remove(lane);
                }

                await lane.CloseAsync(_stop.Token);
            }
            catch (Exception error) when (error is StreamBrokenException or OperationCanceledException)
            {
                failures++;
            }

            await PauseAsync(failures);
        }
    }

    private async Task PauseAsync(int failures)
    {
        var longest = Math.Min(_options.MaximumBackoff.TotalMilliseconds, _options.MinimumBackoff.TotalMilliseconds * Math.Pow(2, Math.Min(failures, 20)));
        var pause = TimeSpan.FromMilliseconds(longest / 2 * (1 + _jitter()));
        try
        {
            await Task.Delay(pause, _time, _stop.Token);
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    private void Add(Lane lane)
    {
        lock (_gate)
        {
            _lanes.Add(lane);
            _connected.TrySetResult();
        }
    }

    private void Remove(Lane lane)
    {
        lock (_gate)
        {
            _lanes.Remove(lane);
            if (_lanes.Count == 0)
            {
                _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }
}
