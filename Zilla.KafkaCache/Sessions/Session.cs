using Zilla.KafkaCache.Sessions.Ownership;
using Zilla.Streams;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Sessions;

/// <summary>
/// One client's session while it is in memory: read from its records when something happens to it, let go of when nothing is left to wait for. Steps are taken one
/// after the other. One transaction is under way at a time; what comes meanwhile goes into the next, so that nothing is ever written on the strength of something that
/// was not. When writing fails, the session is let go of, and its records are what counts.
/// </summary>
internal sealed class Session
{
    private const int MostSteps = 256;
    private const int MostMessages = 512;

    private readonly Lock _gate = new();
    private readonly SessionContext _context;
    private readonly ISessionTable _table;
    private readonly Queue<SessionStep> _steps = [];
    private SessionState? _state;
    private SessionLife? _life;
    private TaskCompletionSource? _closing;
    private bool _busy;
    private bool _closed;
    private int _alone;

    public Session(string clientId, SessionContext context, ISessionTable table)
    {
        (ClientId, _context, _table) = (clientId, context, table);
        context.Telemetry.Active.Add(1);
    }

    public string ClientId { get; }

    /// <summary>It waits for Kafka.</summary>
    public bool IsBusy
    {
        get
        {
            lock (_gate)
            {
                return _busy;
            }
        }
    }

    /// <summary>A connection begins, or is attached again. False: this object is over, another has to be asked for.</summary>
    public bool TryAttach(ISessionClient client, MqttConnect connect) => TryPost(new(step => _life!.Attach(client, connect, step))
    {
        Done = failure => client.Break(failure ?? new(Cause.Internal, "The session met a fault")),
    });

    /// <summary>Something may have fallen due. False: as above.</summary>
    public bool TryWake() => TryPost(new(step => _life!.Wake(step)));

    /// <summary>Takes a step of a client that was attached; it is passed over if the client is not, any more.</summary>
    public void Post(ISessionClient client, Action<SessionLife, SessionStep> apply, Action<StreamBrokenException?>? done = null, bool urgent = true) =>
        TryPost(new(step => apply(_life!, step)) { From = client, Done = done, IsUrgent = urgent });

    /// <summary>The partition is about to be another's: the client's stream ends, what is still to be written is. Completes when it is.</summary>
    public Task ReleaseAsync(StreamBrokenException why)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return Task.CompletedTask;
            }

            _closing ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            _steps.Enqueue(new(_ => _life!.Release(why)));
            Pump();
            return _closing.Task;
        }
    }

    private bool TryPost(SessionStep step)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return false;
            }

            _steps.Enqueue(step);
            Pump();
            return true;
        }
    }

    private void Pump()
    {
        while (!_busy && !_closed)
        {
            if (_state is null)
            {
                _busy = true;
                _ = LoadAsync();
                return;
            }

            if (_steps.Count == 0)
            {
                Rest();
                return;
            }

            Write();
        }
    }

    private void Write()
    {
        List<SessionStep> batch = [];
        List<TransactionRecord> records = [];
        var urgent = false;
        while (_steps.Count > 0 && batch.Count < MostSteps && records.Count < MostMessages)
        {
            var step = _steps.Dequeue();
            if (step.IsApplied || step.From is null || step.From == _life!.Client)
            {
                step.Apply();
                records.AddRange(step.Messages);
                urgent |= step.IsUrgent;
                batch.Add(step);
            }

            if (_alone > 0)
            {
                _alone--;
                break;
            }
        }

        SessionState.Unwritten? changes = null;
        if (urgent)
        {
            changes = _state!.Write(_context.Partition, records);
            _life!.Requests.Written();
        }

        if (records.Count == 0)
        {
            batch.ForEach(step => step.Done?.Invoke(null));
            return;
        }

        _busy = true;
        _ = CommitAsync(batch, records, changes!);
    }

    private async Task LoadAsync()
    {
        StreamBrokenException? failure = null;
        SessionState? state = null;
        try
        {
            state = await new SessionLoader(_context.Partition, _context.Plan, _context.Logger).LoadAsync(ClientId, _context.Partition.Lost);
        }
        catch (Exception problem)
        {
            failure = FailureOf(problem);
        }

        lock (_gate)
        {
            _busy = false;
            if (failure is not null)
            {
                Fail(failure);
                return;
            }

            _context.Telemetry.Activations.Add(1);
            _state = state;
            _life = new(state!, _context);
            Pump();
        }
    }

    private async Task CommitAsync(List<SessionStep> batch, List<TransactionRecord> records, SessionState.Unwritten changes)
    {
        StreamBrokenException? failure = null;
        try
        {
            _context.Telemetry.Commits.Add(1);
            await _context.Partition.CommitAsync(records, CancellationToken.None);
        }
        catch (Exception problem)
        {
            failure = FailureOf(problem);
        }

        lock (_gate)
        {
            _busy = false;
            if (failure is null)
            {
                batch.ForEach(step => step.Done?.Invoke(null));
            }
            else if (!TryTakeBack(batch, failure, changes))
            {
                // Also whom the batch itself has let go of: what was not written is to be said again.
                batch.ForEach(step => step.From?.Break(failure));
                Fail(failure);
                return;
            }

            Pump();
        }
    }

    /// <summary>Kafka refuses a record, nothing was written: the steps are tried again one by one, so that only whoever's it is has to do without.</summary>
    private bool TryTakeBack(List<SessionStep> batch, StreamBrokenException refusal, SessionState.Unwritten changes)
    {
        if (refusal.Cause is not (Cause.InvalidRecord or Cause.UnknownTopic or Cause.NotAuthorized) || !batch.Exists(step => step.Messages.Count > 0))
        {
            return false;
        }

        _state!.TakeBack(changes);
        _life!.Requests.WriteLater();
        batch.ForEach(step => step.Undo?.Invoke());
        if (batch.Count == 1)
        {
            var step = batch[0];
            if (step.Undo is not null)
            {
                step.Done?.Invoke(refusal);
                return true;
            }

            // A will: the rest of what the step means stands without it.
            SessionLog.WillRefused(_context.Logger, _context.Partition.Topic, _context.Partition.Partition, ClientId, refusal.Message);
            step.Messages.Clear();
        }

        SessionStep[] waiting = [.. _steps];
        _steps.Clear();
        foreach (var step in batch.Concat(waiting))
        {
            _steps.Enqueue(step);
        }

        _alone = Math.Max(_alone, batch.Count);
        return true;
    }

    private StreamBrokenException FailureOf(Exception problem)
    {
        switch (problem)
        {
            case StreamBrokenException broken:
                return broken;
            case OperationCanceledException:
                return new(Cause.NotOwner, "The partition is another replica's");
            default:
                SessionLog.SessionFault(_context.Logger, problem, _context.Partition.Topic, _context.Partition.Partition, ClientId);
                return new(Cause.Internal, "The session met a fault");
        }
    }

    /// <summary>Nothing is left to do; with nothing to wait for either, the session needs to be in memory no longer.</summary>
    private void Rest()
    {
        if (_life!.IsIdle)
        {
            Close();
        }

        _table.Schedule(ClientId, _life.NextDue);
    }

    private void Fail(StreamBrokenException why)
    {
        SessionLog.SessionFailed(_context.Logger, _context.Partition.Topic, _context.Partition.Partition, ClientId, why.Message);
        _life?.Release(why);
        foreach (var step in _steps)
        {
            step.Done?.Invoke(why);
        }

        Close();
        if (_life is not null)
        {
            // What it was about to wait for is read again.
            _table.Schedule(ClientId, _context.Now + _context.GraceMs);
        }
    }

    private void Close()
    {
        _closed = true;
        _steps.Clear();
        _context.Telemetry.Active.Add(-1);
        _table.Forget(this);
        _closing?.TrySetResult();
    }
}
