using Zilla.Streams.Kafka;

namespace Zilla.KafkaCache.Work;

/// <summary>An edge that makes calls. What it is told comes one at a time and must not wait.</summary>
internal interface IWorkMember
{
    /// <summary>The most calls that it may have under way.</summary>
    int Calls { get; }

    /// <summary>The next record of a call that is this edge's; the first begins it.</summary>
    void Deliver(WorkCall call, KafkaRecord record);

    /// <summary>No more records of the call will come.</summary>
    /// <param name="call">The call.</param>
    /// <param name="answer">What it is to be answered; null: nothing, it is another's.</param>
    void GiveUp(WorkCall call, WorkAnswer? answer);
}
