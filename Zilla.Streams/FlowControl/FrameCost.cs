namespace Zilla.Streams.FlowControl;

/// <summary>What a DATA or FLUSH frame costs its sender. Both ends compute it alike, so it is never sent.</summary>
internal static class FrameCost
{
    /// <summary>Bytes on top of payload and extension, so that empty records are not free: about what keeping a frame takes.</summary>
    public const int PerFrame = 64;

    /// <summary>
    /// The cost against a credit that started at <paramref name="startingCredit"/>: never more than that, or a large frame could never be sent.
    /// </summary>
    public static int Of(int payload, int extension, int startingCredit) => (int)Math.Min((long)payload + extension + PerFrame, startingCredit);
}
