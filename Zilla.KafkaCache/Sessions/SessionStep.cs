using Zilla.KafkaCache.Sessions.Ownership;
using Zilla.Streams;

namespace Zilla.KafkaCache.Sessions;

/// <summary>
/// One thing that happens to a session: a request, the beginning or the end of a connection, something that falls due. Applied once, in its turn; written with
/// others that are there in one transaction.
/// </summary>
/// <param name="apply">Changes the session; adds what is to be published to <see cref="Messages"/>.</param>
internal sealed class SessionStep(Action<SessionStep> apply)
{
    /// <summary>Whose step it is; null: the session's own. Of a client that is not attached any more it is passed over.</summary>
    public ISessionClient? From { get; init; }

    /// <summary>False: it can be written later, with others.</summary>
    public bool IsUrgent { get; init; } = true;

    /// <summary>Called when it is in Kafka; with a refusal when it, and it alone, cannot be.</summary>
    public Action<StreamBrokenException?>? Done { get; set; }

    /// <summary>What it publishes.</summary>
    public List<TransactionRecord> Messages { get; } = [];

    /// <summary>Takes back what <see cref="Redo"/> does again; null: nothing that could be wrong while its messages are not written.</summary>
    public Action? Undo { get; set; }

    public Action? Redo { get; set; }

    public bool IsApplied { get; private set; }

    public void Apply()
    {
        if (IsApplied)
        {
            Redo?.Invoke();
            return;
        }

        IsApplied = true;
        apply(this);
    }
}
